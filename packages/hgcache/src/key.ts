// Keys: strings to the application, bytes on the wire and on the ring; every byte string has exactly one key.

import { InvalidKeyError } from './errors.ts';

/** The longest key, in bytes of UTF-8. */
export const MAX_KEY_BYTES = 1024;

// No character takes more than three bytes of UTF-8 per UTF-16 unit, so shorter keys need no counting.
const SURELY_SHORT_UNITS = Math.floor(MAX_KEY_BYTES / 3);

// A byte that is not part of valid UTF-8 stands in the string as the lone surrogate U+DC00 + byte, as Python's
// "surrogateescape" does (PEP 383). So `%ff` from a peer survives the way through a string and back.
const ESCAPE_BASE = 0xdc00;

/** Throws {@link InvalidKeyError} unless `key` is a string of 1 to 1,024 bytes that stands for bytes. */
export function validateKey(key: string): void {
  if (typeof key !== 'string') {
    throw new InvalidKeyError(`a key is a string of 1 to ${MAX_KEY_BYTES} bytes, not ${describe(key)}`);
  }
  if (key.length === 0) throw new InvalidKeyError(`a key has 1 to ${MAX_KEY_BYTES} bytes; this one is empty`);
  if (key.length > MAX_KEY_BYTES) throw tooLong(key);
  if (!key.isWellFormed()) validateEscapedKey(key);
  else if (key.length > SURELY_SHORT_UNITS && Buffer.byteLength(key) > MAX_KEY_BYTES) throw tooLong(key);
}

/** The bytes of a key. */
export function keyToBytes(key: string): Buffer {
  return key.isWellFormed() ? Buffer.from(key) : escapedKeyToBytes(key);
}

/** The key that stands for these bytes; the inverse of {@link keyToBytes} for every byte string. */
export function keyFromBytes(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const key = buffer.toString();
  // A replacement character is rare enough that comparing the bytes then costs nothing in practice.
  return key.includes('\ufffd') && !Buffer.from(key).equals(buffer) ? escapeInvalidBytes(buffer) : key;
}

function validateEscapedKey(key: string): void {
  const bytes = escapedKeyToBytes(key);
  if (bytes.length > MAX_KEY_BYTES) throw tooLong(key);
  if (keyFromBytes(bytes) !== key) {
    throw new InvalidKeyError('a key must be well-formed Unicode; this one has a lone surrogate');
  }
}

function escapedKeyToBytes(key: string): Buffer {
  const bytes: number[] = [];
  for (const character of key) {
    const unit = character.codePointAt(0) as number;
    if (unit >= ESCAPE_BASE + 0x80 && unit <= ESCAPE_BASE + 0xff) bytes.push(unit - ESCAPE_BASE);
    else bytes.push(...Buffer.from(character));
  }
  return Buffer.from(bytes);
}

function escapeInvalidBytes(bytes: Buffer): string {
  let key = '';
  for (let at = 0; at < bytes.length; ) {
    const length = validSequenceLength(bytes, at);
    if (length === 0) key += String.fromCharCode(ESCAPE_BASE + (bytes[at] as number));
    else key += bytes.toString('utf8', at, at + length);
    at += length || 1;
  }
  return key;
}

/** The length of the valid UTF-8 sequence at `at`, or 0 where there is none (RFC 3629, section 4). */
function validSequenceLength(bytes: Buffer, at: number): number {
  const lead = bytes[at] as number;
  const length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  return Buffer.from(bytes.toString('utf8', at, at + length)).equals(bytes.subarray(at, at + length))
    ? length
    : 0;
}

function tooLong(key: string): InvalidKeyError {
  return new InvalidKeyError(`a key has 1 to ${MAX_KEY_BYTES} bytes; this one has ${keyToBytes(key).length}`);
}

function describe(value: unknown): string {
  return value === null ? 'null' : typeof value;
}
