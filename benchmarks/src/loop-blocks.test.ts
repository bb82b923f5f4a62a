// Blocks of the event loop: found where the work itself holds it, and not where it lets go or waits.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { measureBlocks } from './loop-blocks.ts';

/** Holds the loop for so much CPU time of this thread, as the system counts it. */
function hold(ms: number): void {
  const used = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  const before = used();
  while (used() - before < ms);
}

test('a block is as long as the work computes without letting go', async () => {
  const { longestMs, totalMs } = await measureBlocks(async () => {
    await nextTurn();
    hold(50);
    await nextTurn();
    hold(20);
  });
  // The system may count in steps of 4 ms.
  expect(longestMs).toBeGreaterThan(45);
  expect(totalMs).toBeGreaterThan(longestMs + 15);
});

test('work that lets go in between is no long block, and neither is waiting', async () => {
  const { longestMs, totalMs } = await measureBlocks(async () => {
    for (let piece = 0; piece < 10; piece++) {
      hold(5);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30);
      await nextTurn();
    }
  });
  expect(totalMs).toBeGreaterThan(25);
  expect(longestMs).toBeLessThan(25);
});
