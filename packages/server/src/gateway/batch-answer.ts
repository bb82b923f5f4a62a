// BatchAnswer: gathers what became of the keys of a batch, up to the bytes that one answer may have.

import { isUtf8 } from 'node:buffer';
import type { ByteView } from 'hgcache';
import { type ErrorBody, errorBody } from '../error-codes.ts';

/** The most bytes of values in one answer; keys whose values come after that are errors and can be asked for again. */
export const MAX_BATCH_ANSWER_BYTES: number = 64 * 1024 * 1024;

export const BATCH_ENCODINGS = ['utf8', 'base64'] as const;
export type BatchEncoding = (typeof BATCH_ENCODINGS)[number];

/** The answer as it is sent. Every key stands in exactly one of the three. */
export interface BatchBody {
  readonly values: Readonly<Record<string, string>>;
  readonly missing: readonly string[];
  readonly errors: Readonly<Record<string, ErrorBody>>;
}

/** What is known of the keys of one batch so far. */
export class BatchAnswer {
  readonly #encoding: BatchEncoding;
  readonly #values = new Map<string, string>();
  readonly #missing: string[] = [];
  readonly #errors = new Map<string, ErrorBody>();
  #leftBytes = MAX_BATCH_ANSWER_BYTES;
  #largestBytes = 1;

  constructor(encoding: BatchEncoding) {
    this.#encoding = encoding;
  }

  /** Whether nothing fits any more, or something did not fit. */
  get isFull(): boolean {
    return this.#leftBytes === 0;
  }

  /** How many values like the largest so far still fit. */
  get room(): number {
    return Math.floor(this.#leftBytes / this.#largestBytes);
  }

  /** Takes the value of a key; `undefined` when there is none. */
  add(key: string, value: ByteView | undefined): void {
    if (value === undefined) {
      this.#missing.push(key);
      return;
    }
    const bytes = value.toBuffer();
    this.#largestBytes = Math.max(this.#largestBytes, bytes.length);
    if (this.#encoding === 'utf8' && !isUtf8(bytes)) {
      this.fail(key, errorBody('decoding', 'the value is not UTF-8 text; ask with "encoding": "base64"'));
    } else if (bytes.length > this.#leftBytes) {
      this.leaveOut(key);
    } else {
      this.#leftBytes -= bytes.length;
      this.#values.set(key, bytes.toString(this.#encoding));
    }
  }

  /** Notes that there is no answer for a key, and why. */
  fail(key: string, error: ErrorBody): void {
    this.#errors.set(key, error);
  }

  /** Notes that the answer has no room for a key. */
  leaveOut(key: string): void {
    this.#leftBytes = 0;
    this.fail(key, errorBody('answerFull', 'the answer is full; ask for this key again'));
  }

  toBody(): BatchBody {
    return {
      // From entries, so that a key such as __proto__ is a property like any other.
      values: Object.fromEntries(this.#values),
      missing: this.#missing,
      errors: Object.fromEntries(this.#errors),
    };
  }
}
