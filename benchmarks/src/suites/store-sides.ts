// The timed sides of the suite `store`, each a process of its own: `node store-sides.ts byte-store read 1000000`.

import { createSeededRandom } from 'hgcache/internal/store';
import { createSide } from '../measure.ts';
import { serveSide } from '../side-process.ts';
import { createKeys, createKeysInOrder, createValues, KEY_BYTES, shuffledIndexes } from '../workload.ts';
import { createSubject, type Subject, type SubjectName } from './store-subjects.ts';

/** What is timed. */
export type StoreTask = 'read' | 'insert';

// Plenty, so that nothing is evicted where all entries shall be present; memory is taken as it is needed.
const AMPLE_BYTES = 400;
// About what an entry takes in a full store, so that it holds as many as lru-cache.
const TIGHT_BYTES = 170;

const target: Buffer = Buffer.alloc(256);

/** Every key is there; they are asked for in shuffled order, round and round. */
function createReadRun(name: SubjectName, entries: number): (operations: number) => unknown {
  const random = createSeededRandom(1);
  const values = createValues(random);
  const subject = createSubject(name, values, { entries, bytesPerEntry: AMPLE_BYTES });
  fill(subject, createKeys(entries), entries, values.length);
  if (subject.count() !== entries) throw new Error(`${name} holds ${subject.count()} of ${entries} entries`);
  const asked = createKeysInOrder(shuffledIndexes(entries, random));
  let at = 0;
  return (operations) => {
    let sum = 0;
    for (let done = 0; done < operations; done++) {
      sum += subject.read(asked, at, target) + (target[99] as number);
      at = at + KEY_BYTES < asked.length ? at + KEY_BYTES : 0;
    }
    return sum;
  };
}

/** Twice as many keys as there is room for, round and round: every insertion is of a key that is not there. */
function createInsertRun(name: SubjectName, entries: number): (operations: number) => unknown {
  const random = createSeededRandom(1);
  const values = createValues(random);
  const subject = createSubject(name, values, { entries, bytesPerEntry: TIGHT_BYTES });
  const keys = createKeysInOrder(shuffledIndexes(2 * entries, random));
  fill(subject, keys, Math.ceil(1.1 * entries), values.length);
  const count = subject.count();
  if (Math.abs(count / entries - 1) > 0.05) throw new Error(`${name} holds ${count}, not ${entries} entries`);
  let at = Math.ceil(1.1 * entries) * KEY_BYTES;
  return (operations) => {
    for (let done = 0; done < operations; done++) {
      subject.insert(keys, at, done % values.length);
      at = at + KEY_BYTES < keys.length ? at + KEY_BYTES : 0;
    }
    return subject.count();
  };
}

function fill(subject: Subject, keys: Buffer, entries: number, values: number): void {
  for (let index = 0; index < entries; index++) subject.insert(keys, index * KEY_BYTES, index % values);
}

const [, , name, task, entries] = process.argv as [string, string, SubjectName, StoreTask, string];
const createRun = task === 'read' ? createReadRun : createInsertRun;
await serveSide(createSide(`${name} ${task}`, createRun(name, Number(entries))));
