// What the routes of the gateway share: the cache behind them, and how a request asks it.

import type { FastifyReply } from 'fastify';
import type { ByteView, CallOptions, Clock, GetStatus, Group, HgCache } from 'hgcache';
import { cacheHeaders } from './cache-status.ts';
import type { FailureLog } from './failure-log.ts';
import { GatewayError } from './gateway-error.ts';
import type { AssertMayWrite } from './write-access.ts';

/** How long a request waits for the cache, in ms: less than the 60 s of the socket, so that the answer gets out. */
export const ANSWER_TIMEOUT_MS = 55_000;

/** The cache as the routes see it. */
export interface GatewayContext {
  readonly cache: HgCache;
  readonly groups: ReadonlyMap<string, Group<ByteView>>;
  /** The group that is meant where none is named. */
  readonly defaultGroup: string;
  readonly placement: string;
  readonly isReady: () => boolean;
  readonly assertMayWrite: AssertMayWrite;
  readonly failures: FailureLog;
  /** The cache's own. */
  readonly clock: Clock;
}

// How many groups are named to a client who asked for another.
const MAX_NAMED_GROUPS = 20;

/** The group of this name; throws a 404 that says which there are. */
export function groupOf({ groups }: GatewayContext, name: string): Group<ByteView> {
  const group = groups.get(name);
  if (group !== undefined) return group;
  const names = [...groups.keys()].slice(0, MAX_NAMED_GROUPS);
  if (groups.size > names.length) names.push('…');
  throw new GatewayError(
    'unknownGroup',
    `no group named ${JSON.stringify(name)}; there are ${names.join(', ')}`,
  );
}

/** The value of a key, with the headers that say where it came from; throws a 404 when the origin has none. */
export async function readValue(
  context: GatewayContext,
  reply: FastifyReply,
  groupName: string,
  key: string,
): Promise<ByteView> {
  const status: GetStatus = {};
  const value = await groupOf(context, groupName).get(key, { ...limitsOf(reply, context)(), status });
  reply.headers(cacheHeaders(status, context.clock.now()));
  if (value === undefined) {
    throw new GatewayError(
      'keyNotFound',
      `no value for ${JSON.stringify(key)} in group ${JSON.stringify(groupName)}`,
    );
  }
  return value;
}

/**
 * The limits of a request's wait: it ends when the client has gone, or when its time is over. What is left of the time
 * is in every result anew, for requests that ask the cache several times.
 */
export function limitsOf({ raw }: FastifyReply, { clock }: GatewayContext): () => CallOptions {
  const leaving = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) leaving.abort(new Error('the client has gone'));
  });
  const endsAtMs = clock.now() + ANSWER_TIMEOUT_MS;
  return () => ({ signal: leaving.signal, deadlineMs: endsAtMs - clock.now() });
}
