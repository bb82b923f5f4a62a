// Semaphore: how many pieces of work run at a time, and how many more may wait in line.

import { OverloadedError } from './errors.ts';

interface Waiter {
  readonly admit: () => void;
  hasLeft: boolean;
}

/** Admits up to `maxRunning` holders at a time; up to `maxQueued` more wait in line, first come, first served. */
export class Semaphore {
  readonly #of: string;
  readonly #maxRunning: number;
  readonly #maxQueued: number;
  // Those who have left stay in the array until their turn comes, so that leaving takes constant time.
  #line: Waiter[] = [];
  #next = 0;
  #queued = 0;
  #running = 0;

  /** `of` names what is limited, for the error message. */
  constructor(of: string, limits: { readonly maxRunning: number; readonly maxQueued: number }) {
    this.#of = of;
    this.#maxRunning = limits.maxRunning;
    this.#maxQueued = limits.maxQueued;
  }

  get running(): number {
    return this.#running;
  }

  get queued(): number {
    return this.#queued;
  }

  /**
   * Resolves when the caller may run; it must then call `release` once. Rejects with `OverloadedError` at once when
   * the line is full, and with the signal's reason when that is aborted first. Only who has to wait needs a signal,
   * so it is asked for then.
   */
  acquire(signalOf: () => AbortSignal): Promise<void> {
    if (this.#running < this.#maxRunning) {
      this.#running++;
      return Promise.resolve();
    }
    if (this.#queued >= this.#maxQueued) {
      const full = `${this.#maxRunning} running and ${this.#maxQueued} waiting`;
      return Promise.reject(new OverloadedError(`${this.#of}: ${full}; try again later`));
    }
    return this.#waitInLine(signalOf());
  }

  /** Ends one holder's turn, and begins the next one's. */
  release(): void {
    while (this.#next < this.#line.length) {
      const waiter = this.#line[this.#next++] as Waiter;
      if (waiter.hasLeft) continue;
      this.#queued--;
      this.#dropServed();
      waiter.admit();
      return;
    }
    this.#dropServed();
    this.#running--;
  }

  #waitInLine(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        waiter.hasLeft = true;
        this.#queued--;
        reject(signal.reason);
      };
      const waiter: Waiter = {
        hasLeft: false,
        admit: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#queued++;
      this.#line.push(waiter);
    });
  }

  /** Now and then, so that it costs nothing on average. */
  #dropServed(): void {
    if (this.#next < 64 || this.#next * 2 < this.#line.length) return;
    this.#line = this.#line.slice(this.#next);
    this.#next = 0;
  }
}
