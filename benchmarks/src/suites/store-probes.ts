// The measurements of the suite `store` that are not a time per operation, each a process of its own that prints one
// line of JSON: `node --expose-gc store-probes.ts memory byte-store 1000000`.

import { setImmediate } from 'node:timers/promises';
import { ByteView } from 'hgcache';
import { createSeededRandom, type Random } from 'hgcache/internal/store';
import {
  createKeysInOrder,
  createValues,
  createZipf,
  KEY_BYTES,
  shuffledIndexes,
  writeKey,
} from '../workload.ts';
import { createByteStore, createSubject, type SubjectName } from './store-subjects.ts';

/** What entries take, in bytes. */
export interface MemoryFigures {
  readonly residentBytes: number;
  readonly heapBytes: number;
}

/** What disturbed a load. */
export interface PauseFigures {
  /** The longest time that the process worked without coming to the next few operations, in ms. */
  readonly longestMs: number;
  /** The same with what other processes took of the CPU in between, in ms. */
  readonly longestWallMs: number;
  /** How often it was held up for longer than {@link LONG_MS}. */
  readonly longPauses: number;
  /** The longest that a loop was held up which does next to nothing: what the machine itself is responsible for. */
  readonly idleMs: number;
  readonly operations: number;
}

/** What counts as a long pause, in ms. */
export const LONG_MS = 4;

/** How much of a budget was keys and values. */
export interface ShareFigures {
  /** The lowest share of the budget in many looks at a full store. */
  readonly lowest: number;
  readonly entries: number;
}

function collect(): void {
  if (globalThis.gc === undefined) throw new Error('needs --expose-gc');
  // Twice: what the first run finds may hold memory that only the second can give back.
  globalThis.gc();
  globalThis.gc();
}

/** Fills a store with new keys in an order that does not matter, as both hash them. */
function memory(name: SubjectName, entries: number): MemoryFigures {
  const values = createValues(createSeededRandom(1));
  const key = Buffer.alloc(KEY_BYTES);
  const fill = (count: number) => {
    const subject = createSubject(name, values, { entries: count, bytesPerEntry: 400 });
    for (let index = 0; index < count; index++) {
      writeKey(key, 0, index);
      subject.insert(key, 0, index % values.length);
    }
    return subject;
  };
  // What the compiler takes is not to be counted.
  fill(20_000);
  collect();
  const before = process.memoryUsage();
  const subject = fill(entries);
  collect();
  const { rss, heapUsed } = process.memoryUsage();
  if (subject.count() !== entries) throw new Error(`${name} holds ${subject.count()} of ${entries} entries`);
  return { residentBytes: rss - before.rss, heapBytes: heapUsed };
}

const PAUSE_BATCH = 64;
const IDLE_BATCH = 20_000;
const BATCHES_PER_TURN = 1000;
const WARM_UP_MS = 1000;

/**
 * Half reads, half writes, of twice as many keys as there is room for, by Zipf's law. After every few operations it
 * looks at two clocks: the time, and the CPU time of the process with all its threads. The process was held up for as
 * long as the smaller one says: a collector shows in both, another process that had the CPU in the first alone.
 */
async function pause(name: SubjectName, entries: number, seconds: number): Promise<PauseFigures> {
  const random = createSeededRandom(1);
  const values = createValues(random);
  const subject = createSubject(name, values, { entries, bytesPerEntry: 170 });
  const keys = createKeysInOrder(shuffledIndexes(2 * entries, random));
  const rank = createZipf(2 * entries, 0.99, random);
  for (let index = Math.ceil(1.1 * entries); index >= 0; index--) {
    subject.insert(keys, index * KEY_BYTES, index % values.length);
  }
  const target = Buffer.alloc(256);
  let sum = 0;
  const someOperations = (): void => {
    for (let done = 0; done < PAUSE_BATCH; done++) {
      const at = rank() * KEY_BYTES;
      if ((done & 1) === 0) sum += subject.read(keys, at, target);
      else subject.insert(keys, at, done);
    }
  };
  await watch(someOperations, WARM_UP_MS);
  const figures = await watch(someOperations, seconds * 1000);
  if (sum === 0) throw new Error(`${name} found nothing`);
  const idle = await watch(
    () => {
      for (let done = 0; done < IDLE_BATCH; done++) sum = (sum + done) % 1000;
    },
    (seconds * 1000) / 4,
  );
  return { ...figures, operations: figures.batches * PAUSE_BATCH, idleMs: idle.longestMs };
}

interface Watched {
  readonly longestMs: number;
  readonly longestWallMs: number;
  readonly longPauses: number;
  readonly batches: number;
}

/** Does the same again and again, and looks at the clocks after each time. */
async function watch(work: () => void, ms: number): Promise<Watched> {
  let longestMs = 0;
  let longestWallMs = 0;
  let longPauses = 0;
  let batches = 0;
  let [lastMs, lastCpuMs] = readClocks();
  const untilMs = lastMs + ms;
  while (lastMs < untilMs) {
    work();
    // The turn of the loop that lets timers run is a part of what is measured.
    if (batches++ % BATCHES_PER_TURN === 0) await setImmediate();
    const [nowMs, cpuMs] = readClocks();
    const heldUpMs = Math.min(nowMs - lastMs, cpuMs - lastCpuMs);
    if (heldUpMs > LONG_MS) longPauses++;
    longestMs = Math.max(longestMs, heldUpMs);
    longestWallMs = Math.max(longestWallMs, nowMs - lastMs);
    lastMs = nowMs;
    lastCpuMs = cpuMs;
  }
  return { longestMs, longestWallMs, longPauses, batches };
}

/** The time, and the CPU time of the process, in ms. */
function readClocks(): readonly [number, number] {
  const { user, system } = process.cpuUsage();
  return [performance.now(), (user + system) / 1000];
}

const SMALLEST_VALUE = 10;
const LARGEST_VALUE = 100 * 1024;
const MEDIAN_VALUE = 1000;
const SPREAD = 1.5;
const LOOKS = 20;
const TURNOVERS = 3;

/** Values of log-normal sizes, 3 kB in the mean, are written until the budget has been turned over a few times. */
function mixedSizes(maxBytes: number): ShareFigures {
  const random = createSeededRandom(1);
  const store = createByteStore(maxBytes);
  const source = ByteView.from(Buffer.alloc(LARGEST_VALUE, 'value'));
  // A few thousand sizes, each with its view, so that the sizes are what is mixed and not the garbage.
  const sizes = Array.from({ length: 4096 }, () => source.slice(0, drawSize(random)));
  const meanBytes = sizes.reduce((sum, { length }) => sum + length, 0) / sizes.length;
  const keyCount = Math.ceil((2 * maxBytes) / meanBytes);
  const insertions = Math.ceil((TURNOVERS * maxBytes) / meanBytes);
  const nameOf = (key: number): string => `user:${String(key).padStart(11, '0')}`;
  const liveBytes = (): number => {
    let live = 0;
    for (let key = 0; key < keyCount; key++) {
      const slot = store.find(nameOf(key));
      if (slot >= 0) live += KEY_BYTES + store.valueLength(slot);
    }
    return live;
  };
  let lowest = 1;
  for (let done = 0; done < 2 * insertions; done++) {
    const value = sizes[Math.floor(random() * sizes.length)] as ByteView;
    store.set(nameOf(Math.floor(random() * keyCount)), value, 0);
    const isLook = done >= insertions && (done - insertions) % Math.ceil(insertions / LOOKS) === 0;
    if (isLook) lowest = Math.min(lowest, liveBytes() / maxBytes);
  }
  return { lowest, entries: store.usage().entries };
}

function drawSize(random: Random): number {
  for (;;) {
    // Box and Muller's way to a normal distribution.
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const size = Math.round(MEDIAN_VALUE * Math.exp(SPREAD * normal));
    if (size >= SMALLEST_VALUE && size <= LARGEST_VALUE) return size;
  }
}

async function probe([what, ...parameters]: readonly string[]): Promise<object> {
  const [first, second, third] = parameters;
  if (what === 'memory') return memory(first as SubjectName, Number(second));
  if (what === 'pause') return pause(first as SubjectName, Number(second), Number(third));
  if (what === 'mixed-sizes') return mixedSizes(Number(first));
  throw new RangeError(`there is no probe ${what}`);
}

console.log(JSON.stringify(await probe(process.argv.slice(2))));
