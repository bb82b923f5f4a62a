// How long work holds the event loop at most, in the CPU time of its thread: on a busy machine a thread waits for many
// milliseconds between two of its own instructions, whatever it does.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What one run of some work took of this thread's CPU time. */
export interface Blocks {
  readonly totalMs: number;
  /** The most between two turns of the event loop. */
  readonly longestMs: number;
}

/**
 * Runs the work, and watches the turns of the loop meanwhile. Garbage of others is collected before; collections of
 * what the work itself makes do count.
 */
export async function measureBlocks(work: () => Promise<unknown>): Promise<Blocks> {
  collectGarbage();
  let isDone = false;
  let longestMs = 0;
  let totalMs = 0;
  let startedMs = cpuMs();
  const turn = (): void => {
    const tookMs = cpuMs() - startedMs;
    totalMs += tookMs;
    longestMs = Math.max(longestMs, tookMs);
    if (!isDone) setImmediate(turn);
    startedMs = cpuMs();
  };
  setImmediate(turn);
  await work();
  turn();
  isDone = true;
  return { totalMs, longestMs };
}

const CELL = new Int32Array(new SharedArrayBuffer(4));

/** Linux brings the figure up to date when the thread sleeps, and otherwise every 4 ms at best: so it sleeps. */
function cpuMs(): number {
  Atomics.wait(CELL, 0, 0, 0.01);
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Node has no other way to ask for it that needs no flag on its command line. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
