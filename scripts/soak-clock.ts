// The clock of the soak: it stands still until it is turned, and then fires what falls due at once.

import type { Clock } from 'hgcache';

interface PendingTimer {
  readonly dueMs: number;
  readonly onTime: () => void;
}

/** Starts at the beginning of 2026. */
export class SoakClock implements Clock {
  #nowMs = Date.UTC(2026, 0, 1);
  readonly #timers = new Set<PendingTimer>();

  /** How many timers wait for their time. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#nowMs;
  }

  setTimer(onTime: () => void, delayMs: number): { cancel: () => void } {
    const timer = { dueMs: this.#nowMs + delayMs, onTime };
    this.#timers.add(timer);
    return { cancel: () => this.#timers.delete(timer) };
  }

  /** Moves time on, and fires the timers that fall due, each at its own time. */
  turn(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      let next: PendingTimer | undefined;
      for (const timer of this.#timers) {
        if (timer.dueMs <= untilMs && (next === undefined || timer.dueMs < next.dueMs)) next = timer;
      }
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#nowMs = next.dueMs;
      next.onTime();
    }
    this.#nowMs = untilMs;
  }
}
