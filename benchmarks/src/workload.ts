// What every side is asked for: keys of 16 bytes, in an order that is the same in every process of a run.

import type { Random } from 'hgcache/internal/store';

/** The length of a key, in bytes. */
export const KEY_BYTES = 16;

/** The length of a value where all have the same, in bytes. */
export const VALUE_BYTES = 100;

const PREFIX = Buffer.from('user:');
const ZERO = 48;

/** The keys of so many entries, one after another, as they would stand in what a socket has read. */
export function createKeys(count: number): Buffer {
  const keys = Buffer.allocUnsafeSlow(count * KEY_BYTES);
  for (let index = 0; index < count; index++) writeKey(keys, index * KEY_BYTES, index);
  return keys;
}

/** The same keys in the order of `indexes`. */
export function createKeysInOrder(indexes: Uint32Array): Buffer {
  const keys = Buffer.allocUnsafeSlow(indexes.length * KEY_BYTES);
  for (let at = 0; at < indexes.length; at++) writeKey(keys, at * KEY_BYTES, indexes[at] as number);
  return keys;
}

/** Writes `user:` and eleven digits. */
export function writeKey(target: Buffer, start: number, index: number): void {
  target.set(PREFIX, start);
  let rest = index;
  for (let at = start + KEY_BYTES - 1; at >= start + PREFIX.length; at--) {
    const next = Math.floor(rest / 10);
    target[at] = ZERO + (rest - next * 10);
    rest = next;
  }
}

/** Node's own, which is quicker than `toString`, as it need not look an encoding up; its types leave it out. */
interface Latin1Buffer {
  latin1Slice(start: number, end: number): string;
}

/** The key that begins at `at` as a flat string of its own. */
export function keyTextAt(keys: Buffer, at: number): string {
  return (keys as unknown as Latin1Buffer).latin1Slice(at, at + KEY_BYTES);
}

/** A few values of {@link VALUE_BYTES} that differ, so that no side sees the same bytes over and over. */
export function createValues(random: Random): readonly Buffer[] {
  return Array.from({ length: 64 }, () => {
    return Buffer.from(Array.from({ length: VALUE_BYTES }, () => 32 + Math.floor(random() * 95)));
  });
}

/** The numbers below `count` in shuffled order (Fisher and Yates). */
export function shuffledIndexes(count: number, random: Random): Uint32Array {
  const indexes = new Uint32Array(count);
  for (let index = 0; index < count; index++) indexes[index] = index;
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const swapped = indexes[last] as number;
    indexes[last] = indexes[other] as number;
    indexes[other] = swapped;
  }
  return indexes;
}

/**
 * Draws numbers below `count`, of which the n-th is drawn in proportion to 1 / n^`skew`, as YCSB draws its keys: by
 * "Quickly generating billion-record synthetic databases" (Gray et al., SIGMOD 1994), for a skew below 1.
 */
export function createZipf(count: number, skew: number, random: Random): () => number {
  let sum = 0;
  for (let rank = 1; rank <= count; rank++) sum += rank ** -skew;
  const power = 1 / (1 - skew);
  const second = 1 + 0.5 ** skew;
  const eta = (1 - (2 / count) ** (1 - skew)) / (1 - second / sum);
  return () => {
    const chance = random();
    const share = chance * sum;
    if (share < 1) return 0;
    if (share < second) return 1;
    return Math.min(count - 1, Math.floor(count * (eta * chance - eta + 1) ** power));
  };
}
