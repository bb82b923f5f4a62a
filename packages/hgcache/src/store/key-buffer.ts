// KeyBuffer: the key that a store is asked for, as words, so that it is hashed and compared without garbage.

import { keyToBytes, MAX_KEY_BYTES } from '../key.ts';

/**
 * Holds one key at a time. Its bytes are padded with zeros to whole 32-bit words, as they are in a record, so that
 * two keys of the same length are compared word by word.
 */
export class KeyBuffer {
  readonly words: Int32Array = new Int32Array(MAX_KEY_BYTES / 4 + 1);
  /** The length of the key, in bytes. */
  length = 0;

  /** Takes a key that `validateKey` accepts. */
  setString(key: string): void {
    const words = this.words;
    const length = key.length;
    const whole = length & ~3;
    let seen = 0;
    for (let at = 0; at < whole; at += 4) {
      const a = key.charCodeAt(at);
      const b = key.charCodeAt(at + 1);
      const c = key.charCodeAt(at + 2);
      const d = key.charCodeAt(at + 3);
      seen |= a | b | c | d;
      words[at >>> 2] = a | (b << 8) | (c << 16) | (d << 24);
    }
    let rest = 0;
    for (let at = length - 1; at >= whole; at--) {
      const unit = key.charCodeAt(at);
      seen |= unit;
      rest = (rest << 8) | unit;
    }
    words[whole >>> 2] = rest;
    this.length = length;
    if (seen > 0x7f) {
      const encoded = keyToBytes(key);
      this.setBytes(encoded, 0, encoded.length);
    }
  }

  /** Takes the key that stands in `source` from `start` on; it has at most 1,024 bytes. */
  setBytes(source: Uint8Array, start: number, length: number): void {
    const words = this.words;
    const end = start + length;
    const whole = start + (length & ~3);
    let word = 0;
    let at = start;
    for (; at < whole; at += 4) {
      const low = (source[at] as number) | ((source[at + 1] as number) << 8);
      const high = (source[at + 2] as number) | ((source[at + 3] as number) << 8);
      words[word++] = low | (high << 16);
    }
    let rest = 0;
    for (let last = end - 1; last >= at; last--) rest = (rest << 8) | (source[last] as number);
    words[word] = rest;
    this.length = length;
  }
}
