import { describe, expect, it } from 'vitest';
import { GhostTable } from './ghost-table.ts';

const hashOf = (key: number): number => Math.imul(key, 0x9e3779b1) >>> 0;

describe('GhostTable', () => {
  it('knows a key once', () => {
    const ghosts = new GhostTable(100);
    ghosts.remember(hashOf(1));
    expect(ghosts.take(hashOf(2), 100)).toBe(false);
    expect(ghosts.take(hashOf(1), 100)).toBe(true);
    expect(ghosts.take(hashOf(1), 100)).toBe(false);
  });

  it('knows the last keys, and none from before', () => {
    const ghosts = new GhostTable(100);
    for (let key = 0; key < 1000; key++) ghosts.remember(hashOf(key));
    expect(ghosts.take(hashOf(949), 50)).toBe(false);
    expect(ghosts.take(hashOf(950), 50)).toBe(true);
    expect(ghosts.take(hashOf(999), 50)).toBe(true);
  });

  it('knows nearly all of as many keys as it was made for, and hardly any from long ago', () => {
    const ghosts = new GhostTable(100_000);
    for (let key = 0; key < 2_000_000; key++) ghosts.remember(hashOf(key));
    let known = 0;
    let wrong = 0;
    for (let key = 0; key < 100_000; key++) {
      if (ghosts.take(hashOf(1_900_000 + key), 100_000)) known++;
      if (ghosts.take(hashOf(key), 100_000)) wrong++;
    }
    expect(known).toBeGreaterThan(99_000);
    expect(wrong).toBeLessThan(100);
  });
});
