// A clock that stands still until a test turns it.

import type { Clock } from '../clock.ts';

interface PendingTimer {
  readonly dueMs: number;
  readonly order: number;
  readonly onTime: () => void;
}

/** A clock for tests. */
export interface FakeClock extends Clock {
  /** How many timers wait for their time. */
  readonly pendingTimers: number;
  /**
   * Moves time on by `ms` and fires the timers that fall due, in their order, each at its own time. What they start
   * gets the chance to run in between.
   */
  advance(ms: number): Promise<void>;
}

/** A clock that starts at `startMs` since the Unix epoch. */
export function createFakeClock(startMs: number = Date.UTC(2026, 0, 1)): FakeClock {
  const timers = new Set<PendingTimer>();
  let nowMs = startMs;
  let order = 0;
  const nextDue = (untilMs: number): PendingTimer | undefined => {
    let next: PendingTimer | undefined;
    for (const timer of timers) {
      if (timer.dueMs > untilMs) continue;
      if (
        next === undefined ||
        timer.dueMs < next.dueMs ||
        (timer.dueMs === next.dueMs && timer.order < next.order)
      ) {
        next = timer;
      }
    }
    return next;
  };
  return {
    now: () => nowMs,
    setTimer: (onTime, delayMs) => {
      const timer = { dueMs: nowMs + Math.max(0, delayMs), order: order++, onTime };
      timers.add(timer);
      return { cancel: () => timers.delete(timer) };
    },
    get pendingTimers() {
      return timers.size;
    },
    advance: async (ms) => {
      const untilMs = nowMs + ms;
      await settle();
      for (let timer = nextDue(untilMs); timer !== undefined; timer = nextDue(untilMs)) {
        timers.delete(timer);
        nowMs = timer.dueMs;
        timer.onTime();
        await settle();
      }
      nowMs = untilMs;
    },
  };
}

/** Lets everything run that waits for promises alone. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
