// Singleflight: concurrent callers of one key share one piece of work, and each can leave it alone.

/** What the work under way is told, and what it may do to itself. */
export interface Flight {
  /** Fires when the last caller has left, or the flight was aborted: nobody waits for the result any more. */
  readonly signal: AbortSignal;
  /** The same, without making a signal. */
  readonly isAborted: boolean;
  /** Whether the result may still be kept: false once the key was fenced or the flight was aborted. */
  readonly isCurrent: boolean;
  /** Ends the flight for all its callers with `reason`, whatever the work does then. */
  abort(reason: unknown): void;
}

/**
 * Shares work among concurrent callers of the same key. A caller that is aborted leaves alone; the work is aborted
 * when its last caller has left. Results are not kept: when the work has settled, the next caller starts it anew.
 */
export class Singleflight<T> {
  // What later callers of a key join.
  readonly #flights = new Map<string, SharedFlight<T>>();
  // These and the fenced ones.
  readonly #underWay = new Set<SharedFlight<T>>();
  readonly #departures = new Departures();

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
      flight = new SharedFlight<T>(key, this.#flights, this.#underWay);
      flight.start(work);
    }
    return signal === undefined ? flight.join() : this.#joinUntil(flight, signal);
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

  /** Aborts everything that is under way, fenced or not. */
  abortAll(reason: unknown): void {
    for (const flight of [...this.#underWay]) flight.abort(reason);
  }

  #joinUntil(flight: SharedFlight<T>, signal: AbortSignal): Promise<T> {
    const joined = flight.join();
    return new Promise<T>((resolve, reject) => {
      const leave = (): void => {
        reject(signal.reason);
        flight.leave(signal.reason);
      };
      if (signal.aborted) return leave();
      this.#departures.add(signal, leave);
      joined.then(
        (value) => {
          this.#departures.remove(signal, leave);
          resolve(value);
        },
        (error: unknown) => {
          this.#departures.remove(signal, leave);
          reject(error);
        },
      );
    });
  }
}

/** Who leaves by which signal. One listener serves all: adding listener n to a signal takes n steps. */
class Departures {
  readonly #bySignal = new Map<
    AbortSignal,
    { readonly leaves: Set<() => void>; readonly onAbort: () => void }
  >();

  add(signal: AbortSignal, leave: () => void): void {
    let departure = this.#bySignal.get(signal);
    if (departure === undefined) {
      const leaves = new Set<() => void>();
      const onAbort = (): void => {
        this.#bySignal.delete(signal);
        for (const each of leaves) each();
      };
      departure = { leaves, onAbort };
      this.#bySignal.set(signal, departure);
      signal.addEventListener('abort', onAbort, { once: true });
    }
    departure.leaves.add(leave);
  }

  remove(signal: AbortSignal, leave: () => void): void {
    const departure = this.#bySignal.get(signal);
    if (departure === undefined) return;
    departure.leaves.delete(leave);
    if (departure.leaves.size > 0) return;
    this.#bySignal.delete(signal);
    signal.removeEventListener('abort', departure.onAbort);
  }
}

class SharedFlight<T> implements Flight {
  readonly #key: string;
  readonly #flights: Map<string, SharedFlight<T>>;
  readonly #underWay: Set<SharedFlight<T>>;
  readonly #result: PromiseWithResolvers<T> = Promise.withResolvers<T>();
  #controller: AbortController | undefined;
  #abortedWith: { readonly reason: unknown } | undefined;
  #waiting = 0;

  constructor(key: string, flights: Map<string, SharedFlight<T>>, underWay: Set<SharedFlight<T>>) {
    this.#key = key;
    this.#flights = flights;
    this.#underWay = underWay;
    // Every caller may have left before the work fails; then its failure is nobody's.
    this.#result.promise.catch(() => {});
  }

  // Made on demand, as most loaders never look at it.
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abortedWith !== undefined) this.#controller.abort(this.#abortedWith.reason);
    }
    return this.#controller.signal;
  }

  get isAborted(): boolean {
    return this.#abortedWith !== undefined;
  }

  get isCurrent(): boolean {
    return this.#flights.get(this.#key) === this;
  }

  start(work: (flight: Flight) => Promise<T>): void {
    this.#flights.set(this.#key, this);
    this.#underWay.add(this);
    void this.#run(work);
  }

  join(): Promise<T> {
    this.#waiting++;
    return this.#result.promise;
  }

  leave(reason: unknown): void {
    this.#waiting--;
    if (this.#waiting === 0) this.abort(reason);
  }

  abort(reason: unknown): void {
    if (this.#abortedWith !== undefined) return;
    this.#abortedWith = { reason };
    this.#end();
    this.#result.reject(reason);
    this.#controller?.abort(reason);
  }

  async #run(work: (flight: Flight) => Promise<T>): Promise<void> {
    try {
      const value = await work(this);
      this.#end();
      this.#result.resolve(value);
    } catch (error) {
      this.#end();
      this.#result.reject(error);
    }
  }

  #end(): void {
    this.#underWay.delete(this);
    if (this.isCurrent) this.#flights.delete(this.#key);
  }
}
