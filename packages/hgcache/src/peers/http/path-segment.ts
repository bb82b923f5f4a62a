// Groups and keys as segments of a raw request path: any bytes go in, and the same bytes come out.

import { InvalidKeyError } from '../../errors.ts';
import { keyFromBytes, keyToBytes } from '../../key.ts';

const PERCENT = 0x25;
const PLUS = 0x2b;
const SPACE = 0x20;

const UNRESERVED = /^[A-Za-z0-9\-_.~]+$/;

// What stands for each byte: itself where RFC 3986 calls it unreserved, else its percent escape.
const ESCAPES: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return UNRESERVED.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
});

/**
 * A group or key as one path segment (RFC 3986). Every byte but the unreserved ones is escaped, and so are the dots
 * of `.` and `..`, which a proxy would otherwise take for the way up.
 */
export function encodePathSegment(text: string): string {
  if (text === '.' || text === '..') return text.replaceAll('.', '%2E');
  if (UNRESERVED.test(text)) return text;
  let segment = '';
  for (const byte of keyToBytes(text)) segment += ESCAPES[byte];
  return segment;
}

/**
 * The group or key that a raw path segment stands for. Throws {@link InvalidKeyError} at a broken percent escape,
 * and at a character beyond ASCII, which needs one.
 *
 * @param spaceAsPlus whether a space was sent as `+`, as golang/groupcache does, and a plus sign as `%2B`.
 */
export function decodePathSegment(segment: string, spaceAsPlus: boolean): string {
  for (let at = 0; at < segment.length; at++) {
    const unit = segment.charCodeAt(at);
    if (unit === PERCENT || unit > 0x7f || (unit === PLUS && spaceAsPlus)) {
      return keyFromBytes(decodeBytes(segment, spaceAsPlus));
    }
  }
  return segment;
}

function decodeBytes(segment: string, spaceAsPlus: boolean): Buffer {
  const bytes = Buffer.allocUnsafe(segment.length);
  let length = 0;
  for (let at = 0; at < segment.length; at++) {
    let byte = segment.charCodeAt(at);
    if (byte > 0x7f)
      throw new InvalidKeyError(`a character without its percent escape in ${JSON.stringify(segment)}`);
    if (byte === PERCENT) {
      byte = (hexDigit(segment, at + 1) << 4) | hexDigit(segment, at + 2);
      at += 2;
    } else if (byte === PLUS && spaceAsPlus) {
      byte = SPACE;
    }
    bytes[length++] = byte;
  }
  return bytes.subarray(0, length);
}

function hexDigit(segment: string, at: number): number {
  const unit = segment.charCodeAt(at);
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30;
  const letter = unit | 0x20;
  if (letter >= 0x61 && letter <= 0x66) return letter - 0x57;
  throw new InvalidKeyError(`a broken percent escape in ${JSON.stringify(segment)}`);
}
