// FailureLog: what goes wrong with requests, in the log: a line in ten seconds for each kind, however often it happens.

import type { FastifyRequest } from 'fastify';
import { type Clock, HgCacheError } from 'hgcache';
import { heldBack, LogThrottle } from '../log-throttle.ts';
import { reasonOf } from '../logging.ts';
import { answerOf, type ErrorAnswer } from './gateway-error.ts';

const INTERVAL_MS = 10_000;

/** What was not answered, or not in full. */
export class FailureLog {
  readonly #throttle: LogThrottle;

  constructor(clock: Clock) {
    this.#throttle = new LogThrottle(clock, INTERVAL_MS);
  }

  /** A request was answered with an error. */
  note({ log, raw }: FastifyRequest, error: unknown, { errorName, status, body }: ErrorAnswer): void {
    const { code } = body;
    // A client that has gone is no news, and nobody reads the answer.
    if (raw.destroyed || status < 500) log.debug({ error: body.message, code }, 'request failed');
    // Never held back: the answer promises that it is here.
    else if (errorName === 'internal') log.error({ ...fieldsOf(error), code }, 'request failed');
    else {
      const held = this.#throttle.admit(String(code));
      if (held !== undefined) log.warn({ ...fieldsOf(error), code, ...heldBack(held) }, 'request failed');
    }
  }

  /** Some keys of a batch were answered with an error. */
  noteBatch({ log, id }: FastifyRequest, errors: readonly unknown[]): void {
    const failures = errors.filter((error) => answerOf(error, id).status >= 500);
    if (failures.length === 0) return;
    const held = this.#throttle.admit('batch');
    if (held === undefined) return;
    log.warn(
      { keys: failures.length, ...fieldsOf(failures[0]), ...heldBack(held) },
      'keys of a batch failed',
    );
  }
}

/** One line where the error says it all; of what nobody expected, the stack too. */
function fieldsOf(error: unknown): Record<string, unknown> {
  return error instanceof HgCacheError ? { reason: reasonOf(error) } : { err: error };
}
