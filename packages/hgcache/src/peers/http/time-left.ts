// How long a value may still be served: HgCache nodes tell each other that, as their clocks need not agree.

import type { IncomingHttpHeaders } from 'node:http';

/** The header with the time that a value has left, in whole ms; below 0 once it is over. Absent: it never expires. */
export const TTL_HEADER = 'hgcache-ttl-ms';

const WHOLE_MS = /^-?\d{1,15}$/;

/** The time left at `nowMs` until a moment in ms since the Unix epoch; infinite for the moment 0, which is never. */
export function timeLeftUntil(expiresAtMs: number, nowMs: number): number {
  return expiresAtMs === 0 ? Number.POSITIVE_INFINITY : expiresAtMs - nowMs;
}

/** The inverse of {@link timeLeftUntil}. What is long over ends at the first millisecond, as 0 would be never. */
export function momentAfter(leftMs: number, nowMs: number): number {
  return leftMs === Number.POSITIVE_INFINITY ? 0 : Math.max(1, nowMs + leftMs);
}

/** What {@link TTL_HEADER} says at `nowMs` for a value that expires. */
export function ttlHeaderOf(expiresAtMs: number, nowMs: number): string {
  return String(Math.round(timeLeftUntil(expiresAtMs, nowMs)));
}

/** The moment in {@link TTL_HEADER} on this node's clock; where there is none, the one that the message says. */
export function expiryFrom(headers: IncomingHttpHeaders, messageExpiresAtMs: number, nowMs: number): number {
  const text = headers[TTL_HEADER];
  if (typeof text !== 'string' || !WHOLE_MS.test(text)) return messageExpiresAtMs;
  return momentAfter(Number(text), nowMs);
}
