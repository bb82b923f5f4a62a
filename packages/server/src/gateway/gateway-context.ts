// What the routes of the gateway share: the cache behind them, and how a request asks it.

import type { FastifyReply } from 'fastify';
import {
  type ByteView,
  type GetStatus,
  type Group,
  type HgCache,
  systemClock,
  UnknownGroupError,
} from 'hgcache';
import { cacheHeaders } from './cache-status.ts';
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
}

/** The group of this name; throws `UnknownGroupError`. */
export function groupOf({ groups }: GatewayContext, name: string): Group<ByteView> {
  const group = groups.get(name);
  if (group === undefined) throw new UnknownGroupError(name);
  return group;
}

/** The value of a key, with the headers that say where it came from; throws a 404 when the origin has none. */
export async function readValue(
  context: GatewayContext,
  reply: FastifyReply,
  groupName: string,
  key: string,
): Promise<ByteView> {
  const status: GetStatus = {};
  const value = await groupOf(context, groupName).get(key, { ...limitsOf(reply), status });
  reply.headers(cacheHeaders(status, systemClock.now()));
  if (value === undefined) {
    throw new GatewayError(
      'keyNotFound',
      `no value for ${JSON.stringify(key)} in group ${JSON.stringify(groupName)}`,
    );
  }
  return value;
}

/** The limits of a request's wait: it ends when the client has gone, or when its time is over. */
export function limitsOf({ raw }: FastifyReply): {
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
} {
  const leaving = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) leaving.abort(new Error('the client has gone'));
  });
  return { signal: leaving.signal, deadlineMs: ANSWER_TIMEOUT_MS };
}
