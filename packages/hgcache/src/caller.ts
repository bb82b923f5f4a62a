// What one caller of a get may ask for besides the key, and the signal that ends its wait.

import { type Clock, LONGEST_TIMER_MS } from './clock.ts';
import { ConfigError, DeadlineError } from './errors.ts';

/** Limits of one caller's wait. They end that wait alone: others who want the same key are not affected. */
export interface CallOptions {
  /** Ends the wait; the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Ends the wait this many ms from now; the call rejects with `DeadlineError`. */
  readonly deadlineMs?: number | undefined;
}

/** How a get was answered; a get fills it in when it is given one. */
export interface GetStatus {
  /** From this node's store, from the owner, or from this node's loader. */
  outcome?: 'hit' | 'peer' | 'load';
  /** The id of the member that owns the key. */
  owner?: string;
  /** How long the value has been cached, in ms. */
  ageMs?: number;
  /** When its time is over, in ms since the Unix epoch; 0 for never. */
  expiresAtMs?: number;
}

/** Limits of a get, and where to note how it was answered. */
export interface GetOptions extends CallOptions {
  /** Filled in before the get resolves. */
  readonly status?: GetStatus | undefined;
}

/** Runs `work` with the signal that a caller's limits come to; without limits it costs nothing. */
export async function withinLimits<T>(
  { signal, deadlineMs }: CallOptions,
  clock: Clock,
  work: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  if (deadlineMs === undefined) return work(signal);
  if (typeof deadlineMs !== 'number' || Number.isNaN(deadlineMs)) {
    throw new ConfigError(`deadlineMs must be a number of milliseconds, not ${String(deadlineMs)}`);
  }
  if (deadlineMs <= 0) throw new DeadlineError(deadlineMs);
  const deadline = new AbortController();
  const onTime = (): void => deadline.abort(new DeadlineError(deadlineMs));
  const timer = clock.setTimer(onTime, Math.min(deadlineMs, LONGEST_TIMER_MS));
  try {
    return await work(signal === undefined ? deadline.signal : AbortSignal.any([signal, deadline.signal]));
  } finally {
    timer.cancel();
  }
}
