// Records: what stands at the addresses of a byte store.

import type { HashKey } from './half-sip-hash.ts';
import { halfSipHash } from './half-sip-hash.ts';
import type { KeyBuffer } from './key-buffer.ts';
import * as record from './record.ts';
import type { SegmentMemory } from './segment-memory.ts';

/** What a new record is made of, besides its key. */
export interface NewRecord {
  readonly slot: number;
  readonly value: Uint8Array;
  /** In ms since the Unix epoch; 0 for never. */
  readonly expiresAtMs: number;
  readonly storedAt: number;
}

/** Reads and writes records by their addresses. */
export class Records {
  readonly #memory: SegmentMemory;
  readonly #hashKey: HashKey;

  constructor(memory: SegmentMemory, hashKey: HashKey) {
    this.#memory = memory;
    this.#hashKey = hashKey;
  }

  slotAt(address: number): number {
    return record.slotAt(this.#memory.segmentOf(address).words, this.#memory.offsetOf(address));
  }

  wordsAt(address: number): number {
    return record.wordsAt(this.#memory.segmentOf(address).words, this.#memory.offsetOf(address));
  }

  valueBytesAt(address: number): number {
    return record.valueBytesAt(this.#memory.segmentOf(address).words, this.#memory.offsetOf(address));
  }

  expiryAt(address: number): number {
    return record.expiryAt(this.#memory.segmentOf(address).words, this.#memory.offsetOf(address));
  }

  storedAtAt(address: number): number {
    return record.storedAtAt(this.#memory.segmentOf(address).words, this.#memory.offsetOf(address));
  }

  /** The hash of a key that is looked for. */
  hashOf(key: KeyBuffer): number {
    return halfSipHash(key.words, 0, key.length, this.#hashKey);
  }

  /** The hash of the key of the record. */
  hashAt(address: number): number {
    const { words } = this.#memory.segmentOf(address);
    const at = this.#memory.offsetOf(address);
    return halfSipHash(words, at + record.HEADER_WORDS, record.keyBytesAt(words, at), this.#hashKey);
  }

  /** Whether the record has this key. */
  hasKey(address: number, key: KeyBuffer): boolean {
    const { words } = this.#memory.segmentOf(address);
    const at = this.#memory.offsetOf(address);
    if (record.keyBytesAt(words, at) !== key.length) return false;
    const keyAt = at + record.HEADER_WORDS;
    const keyWords = (key.length + 3) >>> 2;
    for (let n = 0; n < keyWords; n++) if (words[keyAt + n] !== key.words[n]) return false;
    return true;
  }

  /** A copy of the bytes of the key. */
  keyAt(address: number): Buffer {
    const { words, bytes } = this.#memory.segmentOf(address);
    const at = this.#memory.offsetOf(address);
    const start = (at + record.HEADER_WORDS) * 4;
    return Buffer.from(bytes.subarray(start, start + record.keyBytesAt(words, at)));
  }

  /** A copy of the value. */
  valueAt(address: number): Buffer {
    const value = Buffer.allocUnsafe(this.valueBytesAt(address));
    this.copyValue(address, value, 0);
    return value;
  }

  /** Copies the value into `target`, as much of it as fits, and says how many bytes that were. */
  copyValue(address: number, target: Uint8Array, targetStart: number): number {
    const { words, bytes } = this.#memory.segmentOf(address);
    const at = this.#memory.offsetOf(address);
    const start = record.valueStartAt(words, at);
    return bytes.copy(target, targetStart, start, start + record.valueBytesAt(words, at));
  }

  /** Writes a record of the key in `key` to an address that has room for it. */
  write(address: number, key: KeyBuffer, { slot, value, expiresAtMs, storedAt }: NewRecord): void {
    const segment = this.#memory.segmentOf(address);
    const at = this.#memory.offsetOf(address);
    const { words } = segment;
    record.writeHeader(words, at, {
      slot,
      keyBytes: key.length,
      valueBytes: value.length,
      expiresAtMs,
      storedAt,
    });
    const keyAt = at + record.HEADER_WORDS;
    const keyWords = (key.length + 3) >>> 2;
    for (let n = 0; n < keyWords; n++) words[keyAt + n] = key.words[n] as number;
    segment.bytes.set(value, (keyAt + keyWords) * 4);
    if (expiresAtMs !== 0) segment.nextExpiryMs = Math.min(segment.nextExpiryMs, expiresAtMs);
  }
}
