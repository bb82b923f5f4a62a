import { describe, expect, it } from 'vitest';
import { SlotBits } from './slot-bits.ts';
import { SlotWords } from './slot-words.ts';

describe('SlotWords', () => {
  it('keeps what was written while it grows, within a chunk and beyond', () => {
    const words = new SlotWords(3);
    for (const slot of [0, 63, 64, 65_535, 65_536, 200_000]) {
      words.ensure(slot);
      words.set(slot, 2, -slot);
    }
    for (const slot of [0, 63, 64, 65_535, 65_536, 200_000]) {
      expect([words.get(slot, 0), words.get(slot, 1), words.get(slot, 2)]).toEqual([0, 0, 0 - slot]);
    }
  });

  it('starts small, doubles up to a chunk, and then grows by chunks', () => {
    const words = new SlotWords(2);
    expect(words.bytes()).toBe(0);
    words.ensure(0);
    expect(words.bytes()).toBe(16 * 8);
    words.ensure(16);
    expect(words.bytes()).toBe(32 * 8);
    words.ensure(65_536);
    expect(words.bytes()).toBe(2 * 65_536 * 8);
  });
});

describe('SlotBits', () => {
  it.each([1, 2, 4, 8] as const)('keeps numbers of %i bits apart', (bits) => {
    const table = new SlotBits(bits);
    const numberOf = (slot: number): number => (slot * 7) % (1 << bits);
    table.ensure(999);
    for (let slot = 0; slot < 1000; slot++) table.set(slot, (1 << bits) - 1);
    for (let slot = 0; slot < 1000; slot++) table.set(slot, numberOf(slot));
    for (let slot = 0; slot < 1000; slot++) expect(table.get(slot)).toBe(numberOf(slot));
  });
});
