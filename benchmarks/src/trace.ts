// Traces of cache accesses: those that stand in a folder beside the project, and a generated one for where it is absent.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { createSeededRandom } from 'hgcache/internal/store';
import { createZipf } from './workload.ts';

const FOLDER = fileURLToPath(new URL('../../../shared/traces/', import.meta.url));

/** Requests in the order in which they came. */
export interface Trace {
  readonly name: string;
  /** The number of the key that is asked for, from 0 in the order of first requests. */
  readonly keys: Int32Array;
  /** The size of a key's value at its first request, by the number of the key. */
  readonly sizes: Float64Array;
}

/** Whether there are traces on this machine. */
export function hasTraces(): boolean {
  return existsSync(FOLDER);
}

/** Reads `<name>.txt.gz`: a line `<key> <size>[ <ttl>]` for every request. */
export function readTrace(name: string): Trace {
  const bytes = gunzipSync(readFileSync(`${FOLDER}${name}.txt.gz`));
  const numbers = new Map<string, number>();
  const keys: number[] = [];
  const sizes: number[] = [];
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(10, start);
    const end = found === -1 ? bytes.length : found;
    const [key = '', size = ''] = bytes.toString('latin1', start, end).split(' ');
    start = end + 1;
    if (key === '') continue;
    let number = numbers.get(key);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(key, number);
      sizes.push(Number(size));
    }
    keys.push(number);
  }
  return { name, keys: Int32Array.from(keys), sizes: Float64Array.from(sizes) };
}

/** Requests by Zipf's law with the exponent 0.9, which leaves most keys to chance, with sizes up to 16 KiB. */
export function zipfTrace(requests: number, keyCount: number): Trace {
  const random = createSeededRandom(42);
  const draw = createZipf(keyCount, 0.9, random);
  const numbers = new Map<number, number>();
  const keys = Int32Array.from({ length: requests }, () => {
    const drawn = draw();
    const number = numbers.get(drawn) ?? numbers.size;
    numbers.set(drawn, number);
    return number;
  });
  const sizes = Float64Array.from({ length: numbers.size }, () => Math.ceil(16_384 * random() ** 4));
  return { name: 'zipf', keys, sizes };
}
