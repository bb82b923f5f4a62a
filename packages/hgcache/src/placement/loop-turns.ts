// LoopTurns: lets a long computation give the event loop its turn every few milliseconds.

import { setImmediate } from 'node:timers/promises';

// The promise is 5 ms; the rest is for the work between two looks at the clock, cold code and a busy machine.
const TURN_MS = 1;

/** How many steps of an inner loop go between two looks at the clock: 0.1 ms of them, 1 ms while still cold. */
export const STEPS_PER_LOOK = 2048;

/**
 * Long work asks `isOver` between its pieces and awaits `next` when it is. The time is the machine's, not an
 * injected clock: how long the loop has been held is no part of what the work computes.
 */
export class LoopTurns {
  #startedMs: number = performance.now();

  /** Whether the work has held the loop long enough. */
  isOver(): boolean {
    return performance.now() - this.#startedMs >= TURN_MS;
  }

  /** Resolves when everything else that is due has had its turn. */
  async next(): Promise<void> {
    await setImmediate();
    this.#startedMs = performance.now();
  }

  /** Does the steps 0 to `count` - 1, a few at a time: `work` does those from `from` to before `to`. */
  async split(count: number, work: (from: number, to: number) => void): Promise<void> {
    for (let from = 0; from < count; from += STEPS_PER_LOOK) {
      work(from, Math.min(from + STEPS_PER_LOOK, count));
      if (this.isOver()) await this.next();
    }
  }
}
