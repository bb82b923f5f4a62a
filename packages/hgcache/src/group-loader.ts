// GroupLoader: calls the application's loader within its limits, and turns what it returns into bytes.

import { ByteView, viewOf } from './byte-view.ts';
import { InvalidValueError, LoadError, messageOf } from './errors.ts';
import type { CompleteGroupOptions } from './group-options.ts';
import type { GroupCounters } from './group-stats.ts';
import type { NodeContext } from './node-context.ts';
import { Semaphore } from './semaphore.ts';
import type { Flight } from './singleflight.ts';

/** The calls of one group's loader at this node. */
export class GroupLoader<V> {
  readonly #group: string;
  readonly #options: CompleteGroupOptions<V>;
  readonly #counters: GroupCounters;
  readonly #node: NodeContext;
  readonly #turns: Semaphore;

  constructor(group: string, options: CompleteGroupOptions<V>, counters: GroupCounters, node: NodeContext) {
    this.#group = group;
    this.#options = options;
    this.#counters = counters;
    this.#node = node;
    this.#turns = new Semaphore(`loads of group ${JSON.stringify(group)}`, {
      maxRunning: options.maxConcurrentLoads,
      maxQueued: options.maxQueuedLoads,
    });
  }

  /**
   * The value of `key` as bytes, or `undefined` when the origin has none. Rejects with `LoadError`,
   * `InvalidValueError` or `OverloadedError`; never later than `loadTimeoutMs` after the loader was called.
   */
  async call(key: string, flight: Flight): Promise<ByteView | undefined> {
    await this.#turns.acquire(() => flight.signal);
    // It may have been aborted between its turn and this line; the origin is not asked for nobody.
    if (flight.isAborted) {
      this.#turns.release();
      throw flight.signal.reason;
    }
    const { clock, hooks } = this.#node;
    const event = { group: this.#group, key };
    const startedAtMs = clock.now();
    this.#counters.loads++;
    hooks.onLoad?.(event);
    try {
      const value = await this.#withinTime(key, flight);
      const bytes = value === undefined ? undefined : this.encode(key, value);
      hooks.onLoaded?.({ ...event, durationMs: clock.now() - startedAtMs });
      return bytes;
    } catch (error) {
      this.#counters.loadFailures++;
      hooks.onLoaded?.({ ...event, durationMs: clock.now() - startedAtMs, error });
      throw error;
    } finally {
      this.#turns.release();
    }
  }

  /** The bytes of a value by the group's codec, the cache's own; throws `InvalidValueError`. */
  encode(key: string, value: V): ByteView {
    try {
      const bytes = this.#options.codec.encode(value);
      if (bytes instanceof ByteView) return bytes;
      if (bytes instanceof Uint8Array) return viewOf(Uint8Array.from(bytes));
      throw new TypeError('codec.encode must return a Uint8Array or a ByteView');
    } catch (cause) {
      throw new InvalidValueError(`value of ${this.#nameOf(key)}: ${messageOf(cause)}`, { cause });
    }
  }

  /** Gives up on the loader when its time is over: one that never settles releases its key and its turn. */
  #withinTime(key: string, flight: Flight): Promise<V | undefined> {
    const { load, loadTimeoutMs } = this.#options;
    const { clock } = this.#node;
    const context = {
      get signal(): AbortSignal {
        return flight.signal;
      },
    };
    return new Promise((resolve, reject) => {
      const timer = clock.setTimer(() => {
        const late = `load of ${this.#nameOf(key)}: not settled within ${loadTimeoutMs} ms`;
        const error = new LoadError('load_timeout', late);
        reject(error);
        flight.abort(error);
      }, loadTimeoutMs);
      const fail = (cause: unknown): void => {
        // A loader with a time-out of its own may say so in our words.
        if (cause instanceof LoadError) reject(cause);
        else
          reject(
            new LoadError('load_failed', `load of ${this.#nameOf(key)}: ${messageOf(cause)}`, { cause }),
          );
      };
      const called = (async () => load(key, context))();
      called.then(resolve, fail).finally(() => timer.cancel());
    });
  }

  #nameOf(key: string): string {
    return `${JSON.stringify(key)} in group ${JSON.stringify(this.#group)}`;
  }
}
