// Reading bytes that somebody else has sent: varints, lengths and doubles, and never past the end.

/** Bytes that are no message of the format: truncated, a varint too long, a field of the wrong type. */
export class WireError extends Error {
  override readonly name: string = 'WireError';
}

/** A varint of 64 bits takes at most ten bytes. */
export const MAX_VARINT_BYTES = 10;

/** How many bytes a number takes as a varint. */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length++;
  return length;
}

/** Writes a whole number of at least 0 as a varint, and says where the next byte goes. */
export function writeVarint(target: Uint8Array, at: number, value: number): number {
  let rest = value;
  let next = at;
  while (rest >= 0x80) {
    target[next++] = (rest & 0x7f) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  target[next++] = rest;
  return next;
}

/** Walks over the bytes of a message or of a batch, and refuses to leave them. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new WireError('the message ends too early');
    return byte;
  }

  /** A varint up to 2^53 - 1: a length or a tag. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let read = 0; read < MAX_VARINT_BYTES; read++) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) throw new WireError('a length that is out of all bounds');
        return value;
      }
      scale *= 0x80;
    }
    throw new WireError('a varint of more than ten bytes');
  }

  /** A varint of 64 bits in two's complement. */
  int64(): bigint {
    let value = 0n;
    for (let read = 0; read < MAX_VARINT_BYTES; read++) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << BigInt(7 * read);
      if (byte < 0x80) {
        if (value >= 2n ** 64n) throw new WireError('a varint of more than 64 bits');
        return BigInt.asIntN(64, value);
      }
    }
    throw new WireError('a varint of more than ten bytes');
  }

  /** The next `length` bytes, not copied. */
  take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new WireError('the message ends too early');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  /** Bytes with their length in front, not copied. */
  lengthPrefixed(): Uint8Array {
    return this.take(this.varint());
  }

  /** A double, little-endian (IEEE 754). */
  float64(): number {
    const bytes = this.take(8);
    return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true);
  }
}
