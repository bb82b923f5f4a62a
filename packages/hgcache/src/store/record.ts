// Record: how an entry stands in a segment, as words, with its header in line before key and value.

// slot | bytes of the value | expiry, lower 32 bits | expiry, upper 16 bits, and bytes of the key | when stored
const SLOT = 0;
const VALUE_BYTES = 1;
const EXPIRY_LOW = 2;
const EXPIRY_HIGH_AND_KEY = 3;
const STORED_AT = 4;
/** What stands in place of the slot when the record belongs to no entry any more. */
export const NO_SLOT = -1;

/** The words before the key. */
export const HEADER_WORDS = 5;

// The key's length takes the upper 16 bits of its word, the expiry's upper part the lower ones.
const KEY_SHIFT = 16;
const TWO_32 = 2 ** 32;

/** A record's own account of itself; times are in ms since the Unix epoch. */
export interface RecordHeader {
  readonly slot: number;
  readonly keyBytes: number;
  readonly valueBytes: number;
  /** 0 for never. */
  readonly expiresAtMs: number;
  /** In units of the store's own. */
  readonly storedAt: number;
}

/** The words that a record takes. The key is padded to whole words, and so is the value. */
export function recordWords(keyBytes: number, valueBytes: number): number {
  return HEADER_WORDS + ((keyBytes + 3) >>> 2) + Math.ceil(valueBytes / 4);
}

/** Writes the header of a record that begins at `at`. */
export function writeHeader(words: Int32Array, at: number, header: RecordHeader): void {
  const { expiresAtMs } = header;
  const high = Math.floor(expiresAtMs / TWO_32);
  words[at + SLOT] = header.slot;
  words[at + VALUE_BYTES] = header.valueBytes;
  words[at + EXPIRY_LOW] = expiresAtMs - high * TWO_32;
  words[at + EXPIRY_HIGH_AND_KEY] = high | (header.keyBytes << KEY_SHIFT);
  words[at + STORED_AT] = header.storedAt;
}

/** The slot of the record's entry, or {@link NO_SLOT}. */
export function slotAt(words: Int32Array, at: number): number {
  return words[at + SLOT] as number;
}

/** The record belongs to no entry any more; its size stays readable, so that what stands behind it is found. */
export function markDead(words: Int32Array, at: number): void {
  words[at + SLOT] = NO_SLOT;
}

export function valueBytesAt(words: Int32Array, at: number): number {
  return (words[at + VALUE_BYTES] as number) >>> 0;
}

export function keyBytesAt(words: Int32Array, at: number): number {
  return (words[at + EXPIRY_HIGH_AND_KEY] as number) >>> KEY_SHIFT;
}

/** In ms since the Unix epoch; 0 for never. */
export function expiryAt(words: Int32Array, at: number): number {
  const high = (words[at + EXPIRY_HIGH_AND_KEY] as number) & 0xffff;
  return high * TWO_32 + ((words[at + EXPIRY_LOW] as number) >>> 0);
}

export function storedAtAt(words: Int32Array, at: number): number {
  return (words[at + STORED_AT] as number) >>> 0;
}

/** The words of the record that begins at `at`. */
export function wordsAt(words: Int32Array, at: number): number {
  return recordWords(keyBytesAt(words, at), valueBytesAt(words, at));
}

/** The byte at which the value of the record that begins at `at` begins. */
export function valueStartAt(words: Int32Array, at: number): number {
  return (at + HEADER_WORDS + ((keyBytesAt(words, at) + 3) >>> 2)) << 2;
}
