// GroupValues: turns what the stores of a group keep into the values that its callers get.

import { type ByteView, bytesOf, viewOf } from './byte-view.ts';
import type { Codec } from './codec.ts';
import { InvalidValueError, messageOf } from './errors.ts';
import type { CompleteGroupOptions } from './group-options.ts';

/** What the hot store keeps of a value: the value itself where callers may share it, and its bytes elsewhere. */
export type Kept<V> = V | ByteView;

/** Decodes the values of one group, and shares those that may be shared. */
export class GroupValues<V> {
  /** Whether callers may be given one and the same value. */
  readonly isShared: boolean;
  readonly #group: string;
  readonly #codec: Codec<V>;
  readonly #isFrozen: boolean;

  constructor(group: string, { codec, values }: CompleteGroupOptions<V>) {
    this.#group = group;
    this.#codec = codec;
    this.isShared = codec.isImmutable === true || values === 'frozen';
    this.#isFrozen = codec.isImmutable !== true && values === 'frozen';
  }

  /** The value of these bytes; throws `InvalidValueError` when the codec cannot read them. */
  decode(key: string, bytes: ByteView): V {
    try {
      const value = this.#codec.decode(bytes);
      return this.#isFrozen ? deepFreeze(value) : value;
    } catch (cause) {
      const of = `${JSON.stringify(key)} in group ${JSON.stringify(this.#group)}`;
      throw new InvalidValueError(`value of ${of}: ${messageOf(cause)}`, { cause });
    }
  }

  /** What to keep of a value that its bytes could be read to. */
  keep(bytes: ByteView): Kept<V> {
    // Memory of its own: what the main store gave out may be a slice of something larger.
    const own = Buffer.allocUnsafeSlow(bytes.length);
    own.set(bytesOf(bytes));
    const kept = viewOf(own);
    if (!this.isShared) return kept;
    const value = this.#codec.decode(kept);
    return this.#isFrozen ? deepFreeze(value) : value;
  }

  /** The value for one more caller. */
  handOut(key: string, kept: Kept<V>): V {
    return this.isShared ? (kept as V) : this.decode(key, kept as ByteView);
  }
}

/** Freezes plain objects and arrays all through; what else there may be, as a typed array, it leaves alone. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || ArrayBuffer.isView(value))
    return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}
