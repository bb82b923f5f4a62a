// Chance as a port, so that tests can repeat it from a seed.

/** A source of numbers in [0, 1), evenly distributed. */
export type Random = () => number;

/** The chance of the machine. */
export const systemRandom: Random = Math.random;

/** A repeatable sequence from a 32-bit seed: mulberry32, public domain, by Tommy Ettinger. */
export function createSeededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
