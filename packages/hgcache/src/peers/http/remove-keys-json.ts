// The body of groupcache-go's batch removal: `{"group": "...", "keys": ["...", ...]}`.

import { WireError } from './byte-reader.ts';

/** The body, for keys that are well-formed Unicode: JSON can carry no others. */
export function encodeJsonKeys(group: string, keys: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify({ group, keys }));
}

/** The keys of a body; Go writes an empty list as `null`. Throws {@link WireError}. */
export function decodeJsonKeys(body: Buffer): readonly string[] {
  const keys = parseObject(body)['keys'] ?? [];
  if (Array.isArray(keys) && keys.every((key) => typeof key === 'string')) return keys;
  throw new WireError('"keys" is not a list of strings');
}

function parseObject(body: Buffer): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString());
  } catch (error) {
    throw new WireError('the body is not JSON', { cause: error });
  }
  if (typeof parsed !== 'object' || parsed === null) throw new WireError('the body is not a JSON object');
  return parsed as Record<string, unknown>;
}
