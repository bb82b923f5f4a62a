import { describe, expect, it } from 'vitest';
import { createSeededRandom } from '../random.ts';
import { LineIndex } from './line-index.ts';

/** An index of numbers: a record's address is its number, and its hash is what `hashOf` says. */
function indexOf(hashOf: (address: number) => number) {
  let sought = 0;
  const index = new LineIndex({ isSought: (address) => address === sought, hashAt: hashOf });
  return {
    index,
    insert: (address: number) => index.insert(hashOf(address), address),
    remove: (address: number) => index.remove(hashOf(address), address),
    has: (address: number) => {
      sought = address;
      return index.find(hashOf(address)) === address;
    },
  };
}

const scattered = (address: number): number => Math.imul(address, 0x9e3779b1) >>> 0;

describe('LineIndex', () => {
  for (const [name, hashOf] of [
    ['hashes that differ', scattered],
    ['hashes that all collide', () => 0x12345678],
    ['hashes that collide in their lower bits', (address: number) => (address << 20) >>> 0],
    ['hashes that collide in their upper bits', (address: number) => address & 0xff],
  ] as const) {
    it(`finds what was inserted and nothing else, with ${name}`, () => {
      const { index, insert, remove, has } = indexOf(hashOf);
      const random = createSeededRandom(3);
      const held = new Set<number>();
      for (let step = 0; step < 6000; step++) {
        const address = 1 + Math.floor(random() * 1000);
        // Grows for the first half, and shrinks again.
        const isGrowing = random() < (step < 3000 ? 0.8 : 0.2);
        if (isGrowing && !held.has(address)) {
          insert(address);
          held.add(address);
        } else if (!isGrowing && held.delete(address)) {
          remove(address);
        }
        expect(index.size).toBe(held.size);
        if (step % 100 === 0) for (let n = 1; n <= 1000; n++) expect(has(n)).toBe(held.has(n));
      }
    });
  }

  it('grows by a line for every seven entries, and shrinks again', () => {
    const { index, insert, remove, has } = indexOf(scattered);
    for (let address = 1; address <= 50_000; address++) insert(address);
    // A seventh of a line each, and what lines of overflow come to where lines are yet to be split.
    expect(index.bytes / 50_000).toBeLessThan(12);
    for (let address = 1; address <= 50_000; address++) expect(has(address)).toBe(true);
    for (let address = 1; address <= 49_990; address++) remove(address);
    expect(index.bytes).toBeLessThan(2000);
    for (let address = 49_991; address <= 50_000; address++) expect(has(address)).toBe(true);
    index.clear();
    expect([index.size, index.bytes, has(50_000)]).toEqual([0, 64, false]);
  });

  it('follows a record that moves', () => {
    const { index, insert, has } = indexOf((address) => scattered(address % 1000));
    for (let address = 1; address < 1000; address++) insert(address);
    for (let address = 1; address < 1000; address++) index.move(scattered(address), address, address + 1000);
    expect(has(5)).toBe(false);
    for (let address = 1001; address < 2000; address++) expect(has(address)).toBe(true);
  });
});
