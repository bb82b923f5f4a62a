// The headers that tell a client how the cache answered: Cache-Status (RFC 9211) and Age (RFC 9111, section 5.1).

import type { GetStatus } from 'hgcache';

/**
 * The headers for a get; `nowMs` is the time on the cache's clock.
 *
 * - `hgcache; hit`: from this node's store;
 * - `hgcache; fwd=miss`: from the owner or the origin;
 * - `ttl`: for how many seconds more the value is served; left out when it does not expire;
 * - `detail`: the id of the member that owns the key;
 * - `Age`: for how many seconds the store that it came from, this node's or the owner's, has had it.
 */
export function cacheHeaders(status: GetStatus, nowMs: number): Record<string, string> {
  const isHit = status.outcome === 'hit';
  const parameters = ['hgcache', isHit ? 'hit' : 'fwd=miss'];
  if (status.expiresAtMs) parameters.push(`ttl=${Math.floor((status.expiresAtMs - nowMs) / 1000)}`);
  if (status.owner !== undefined) parameters.push(`detail=${quoted(status.owner)}`);
  const headers: Record<string, string> = { 'cache-status': parameters.join('; ') };
  const { ageMs = 0 } = status;
  // What the owner has just loaded is as new as what was loaded here.
  if (isHit || (status.outcome === 'peer' && ageMs > 0))
    headers['age'] = String(Math.max(0, Math.floor(ageMs / 1000)));
  return headers;
}

/** A string as structured fields write it (RFC 9651, section 3.3.3); what is not printable ASCII, percent-encoded. */
function quoted(text: string): string {
  let quotedText = '';
  for (const byte of Buffer.from(text)) {
    const character = String.fromCharCode(byte);
    if (character === '"' || character === '\\') quotedText += `\\${character}`;
    else if (byte >= 0x20 && byte < 0x7f) quotedText += character;
    else quotedText += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return `"${quotedText}"`;
}
