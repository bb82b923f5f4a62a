// ByteView: bytes that cannot change, so that a cache can hand them out without copying them for every caller.

import { inspect } from 'node:util';

/** Gives the bytes behind a view without copying; for siblings that promise not to write to them. */
let bytesBehind: (view: ByteView) => Buffer;
let wrap: (bytes: Uint8Array) => ByteView;

/**
 * Immutable bytes. What goes in is copied, and what comes out is a copy, so changing either changes nothing here.
 *
 * ```ts
 * const view = ByteView.from('630');
 * view.toString(); // '630'
 * ```
 */
export class ByteView {
  // A Buffer, as making one for every reading of text would take as long as the reading.
  readonly #bytes: Buffer;

  static {
    bytesBehind = (view) => view.#bytes;
    wrap = (bytes) => new ByteView(bytes);
  }

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** A view of a copy of `source`; a string is encoded as UTF-8. */
  static from(source: Uint8Array | ArrayBuffer | string): ByteView {
    if (typeof source === 'string') return new ByteView(new TextEncoder().encode(source));
    if (source instanceof ArrayBuffer) return new ByteView(new Uint8Array(source.slice(0)));
    if (source instanceof Uint8Array) return new ByteView(Uint8Array.from(source));
    throw new TypeError(
      `ByteView.from takes a Uint8Array, an ArrayBuffer or a string, not ${inspect(source)}`,
    );
  }

  /** The number of bytes. */
  get length(): number {
    return this.#bytes.length;
  }

  /** The byte at `index`, counted from the end when negative; `undefined` outside. */
  at(index: number): number | undefined {
    return this.#bytes.at(index);
  }

  /** A view of the bytes from `start` to before `end`. It shares them, which is safe as neither can change. */
  slice(start?: number, end?: number): ByteView {
    return new ByteView(this.#bytes.subarray(start, end));
  }

  /** A copy of the bytes. */
  toBuffer(): Buffer {
    return Buffer.from(this.#bytes);
  }

  /** Copies the bytes into `target` at `targetStart`, as many as fit, and says how many that were. */
  copyTo(target: Uint8Array, targetStart = 0): number {
    const fitting = this.#bytes.subarray(0, Math.max(0, target.length - targetStart));
    if (fitting.length > 0) target.set(fitting, targetStart);
    return fitting.length;
  }

  /** Whether both hold the same bytes. */
  equals(other: ByteView | Uint8Array): boolean {
    const bytes = other instanceof ByteView ? other.#bytes : other;
    return Buffer.compare(this.#bytes, bytes) === 0;
  }

  /** The bytes read as UTF-8; an invalid sequence becomes U+FFFD. */
  toString(encoding: BufferEncoding = 'utf8'): string {
    return this.#bytes.toString(encoding);
  }

  /** What `JSON.stringify` makes of it: the bytes in base64 (RFC 4648). */
  toJSON(): { readonly type: 'ByteView'; readonly base64: string } {
    return { type: 'ByteView', base64: this.toString('base64') };
  }
}

/** The bytes of a view, not copied: for writing them to a socket or a store. They must not be written to. */
export function bytesOf(view: ByteView): Buffer {
  return bytesBehind(view);
}

/** A view of `bytes`, not copied: the caller gives them up, and nobody writes to them any more. */
export function viewOf(bytes: Uint8Array): ByteView {
  return wrap(bytes);
}
