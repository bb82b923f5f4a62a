import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LoopTurns } from './loop-turns.ts';
import { orderByHash } from './order-by-hash.ts';

describe('orderByHash', () => {
  it('orders as a comparison would, and keeps equals in their order', async () => {
    // Few values, so that equal ones are common.
    const word = fc.oneof(fc.nat(3), fc.constantFrom(0xffffffff, 0x80000000, 0x00ff0000), fc.nat(0xffffffff));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(word, word), { maxLength: 60 }), async (hashes) => {
        const low = Uint32Array.from(hashes, ([, value]) => value);
        const high = Uint32Array.from(hashes, ([value]) => value);
        const expected = hashes
          .map(([more, less], place) => ({ hash: BigInt(more) * 2n ** 32n + BigInt(less), place }))
          .sort((a, b) => Number(a.hash - b.hash) || a.place - b.place)
          .map(({ place }) => place);
        expect([...(await orderByHash([low, high], new LoopTurns()))]).toEqual(expected);
      }),
    );
  });

  it('orders more hashes than fit between two looks at the clock', async () => {
    const hashes = Uint32Array.from({ length: 10_000 }, (_, place) => Math.imul(place, 0x9e3779b1));
    const order = await orderByHash([hashes], new LoopTurns());
    expect([...order].map((place) => hashes[place])).toEqual([...hashes].sort((a, b) => a - b));
  });
});
