// Semaphore: how many pieces of work run at a time, and how many more may wait in line.

import { OverloadedError } from './errors.ts';

interface Waiter {
  readonly admit: () => void;
}

/** Admits up to `maxRunning` holders at a time; up to `maxQueued` more wait in line, first come, first served. */
export class Semaphore {
  readonly #of: string;
  readonly #maxRunning: number;
  readonly #maxQueued: number;
  readonly #queue = new Set<Waiter>();
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
    return this.#queue.size;
  }

  /**
   * Resolves when the caller may run; it must then call `release` once. Rejects with `OverloadedError` at once when
   * the line is full, and with the signal's reason when that is aborted first.
   */
  acquire(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#running < this.#maxRunning) {
      this.#running++;
      return Promise.resolve();
    }
    if (this.#queue.size >= this.#maxQueued) {
      const full = `${this.#maxRunning} running and ${this.#maxQueued} waiting`;
      return Promise.reject(new OverloadedError(`${this.#of}: ${full}; try again later`));
    }
    return this.#waitInLine(signal);
  }

  /** Ends one holder's turn, and begins the next one's. */
  release(): void {
    const [next] = this.#queue;
    if (next === undefined) {
      this.#running--;
      return;
    }
    this.#queue.delete(next);
    next.admit();
  }

  #waitInLine(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        admit: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      const onAbort = (): void => {
        this.#queue.delete(waiter);
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#queue.add(waiter);
    });
  }
}
