// Singleflight: concurrent callers of one key share one piece of work, and each can leave it alone.

/** What the work under way is told. */
export interface Flight {
  /** Fires when the last caller has left: nobody waits for the result any more. */
  readonly signal: AbortSignal;
  /** Whether the result may still be kept: false once the key was fenced or the last caller has left. */
  readonly isCurrent: boolean;
}

/**
 * Shares work among concurrent callers of the same key. A caller that is aborted leaves alone; the work is aborted
 * when its last caller has left. Results are not kept: when the work has settled, the next caller starts it anew.
 */
export class Singleflight<T> {
  readonly #flights = new Map<string, SharedFlight<T>>();

  /** How many pieces of work are under way that callers can still join. */
  get size(): number {
    return this.#flights.size;
  }

  /** Whether work for `key` is under way that a caller would join. */
  has(key: string): boolean {
    return this.#flights.has(key);
  }

  /**
   * Joins the work for `key` that is under way, or starts `work`. Settles as the work does, or rejects with the
   * signal's reason as soon as `signal` is aborted.
   */
  run(key: string, work: (flight: Flight) => Promise<T>, signal?: AbortSignal): Promise<T> {
    let flight = this.#flights.get(key);
    if (flight === undefined) {
      flight = new SharedFlight<T>(key, this.#flights);
      this.#flights.set(key, flight);
      flight.start(work);
    }
    return flight.join(signal);
  }

  /**
   * Lets the work for `key` finish for the callers that it has, while later ones start anew. The work sees
   * `isCurrent` turn false, and must not keep its result.
   */
  fence(key: string): void {
    this.#flights.delete(key);
  }

  /** Fences every key. */
  fenceAll(): void {
    this.#flights.clear();
  }
}

class SharedFlight<T> implements Flight {
  readonly #key: string;
  readonly #flights: Map<string, SharedFlight<T>>;
  #controller: AbortController | undefined;
  #isAbandoned = false;
  #waiting = 0;
  #result!: Promise<T>;

  constructor(key: string, flights: Map<string, SharedFlight<T>>) {
    this.#key = key;
    this.#flights = flights;
  }

  // Made on demand, as most loaders never look at it.
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#isAbandoned) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  get isCurrent(): boolean {
    return this.#flights.get(this.#key) === this;
  }

  start(work: (flight: Flight) => Promise<T>): void {
    this.#result = this.#settle(work);
    // Every caller may have left before the work fails; then its failure is nobody's.
    this.#result.catch(() => {});
  }

  join(signal: AbortSignal | undefined): Promise<T> {
    this.#waiting++;
    if (signal === undefined) return this.#result;
    return new Promise<T>((resolve, reject) => {
      const onAbort = (): void => {
        reject(signal.reason);
        this.#leave();
      };
      if (signal.aborted) return onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      const stopListening = (): void => signal.removeEventListener('abort', onAbort);
      this.#result.then(resolve, reject).finally(stopListening);
    });
  }

  async #settle(work: (flight: Flight) => Promise<T>): Promise<T> {
    try {
      return await work(this);
    } finally {
      this.#forget();
    }
  }

  #leave(): void {
    this.#waiting--;
    if (this.#waiting > 0) return;
    this.#isAbandoned = true;
    this.#forget();
    this.#controller?.abort();
  }

  #forget(): void {
    if (this.isCurrent) this.#flights.delete(this.#key);
  }
}
