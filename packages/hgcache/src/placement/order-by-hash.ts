// A sort of hashes that gives the event loop its turn: a ring of 1,000 members has 100,000 of them.

import type { LoopTurns } from './loop-turns.ts';

/**
 * The places of the hashes in ascending order, those of equal hashes in the order of their places (a radix sort,
 * least significant byte first). A hash is the number that the words at its place make, the least significant word
 * first.
 */
export async function orderByHash(words: readonly Uint32Array[], turns: LoopTurns): Promise<Uint32Array> {
  const size = words[0]?.length ?? 0;
  let order = new Uint32Array(size);
  let reordered = new Uint32Array(size);
  await turns.split(size, (from, to) => {
    for (let place = from; place < to; place++) order[place] = place;
  });
  for (const word of words) {
    for (let shift = 0; shift < 32; shift += 8) {
      await sortByByte(word, shift, order, reordered, turns);
      [order, reordered] = [reordered, order];
    }
  }
  return order;
}

/** Puts the places of `order` into `sorted` by one byte of their hashes; equals keep their order. */
async function sortByByte(
  word: Uint32Array,
  shift: number,
  order: Uint32Array,
  sorted: Uint32Array,
  turns: LoopTurns,
): Promise<void> {
  const byteAt = (place: number): number => ((word[place] as number) >>> shift) & 0xff;
  // Where the next hash with each byte goes: first how many have the byte before it, then their running sum.
  const next = new Uint32Array(257);
  await turns.split(word.length, (from, to) => {
    for (let place = from; place < to; place++) (next[byteAt(place) + 1] as number)++;
  });
  for (let byte = 1; byte < 256; byte++) (next[byte] as number) += next[byte - 1] as number;
  await turns.split(word.length, (from, to) => {
    for (let at = from; at < to; at++) {
      const place = order[at] as number;
      const byte = byteAt(place);
      sorted[next[byte] as number] = place;
      (next[byte] as number)++;
    }
  });
}
