// The bodies for many keys between HgCache nodes.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteView } from '../../byte-view.ts';
import { LoadError } from '../../errors.ts';
import { keyFromBytes } from '../../key.ts';
import type { PeerOutcome } from '../peer-transport.ts';
import * as batch from './batch.ts';
import { decodeKeys, encodeKeys, MAX_BATCH_KEYS } from './batch.ts';
import { WireError } from './byte-reader.ts';

const NOW_MS = 1_000;
const encodeOutcomes = (outcomes: readonly PeerOutcome[], maxBytes: number, nowMs = NOW_MS): Buffer =>
  batch.encodeOutcomes(outcomes, maxBytes, nowMs);
const decodeOutcomes = (body: Uint8Array, count: number, nowMs = NOW_MS): batch.BatchOutcome[] =>
  batch.decodeOutcomes(body, count, nowMs);

const valued = (text: string, ageMs = 0) => ({
  value: { value: ByteView.from(text), expiresAtMs: 5.25, ageMs },
});

describe('a list of keys', () => {
  test('survives the round trip, whatever bytes the keys are', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (list) => {
        const keys = list.map(keyFromBytes);
        expect(decodeKeys(encodeKeys(keys))).toEqual(keys);
      }),
    );
  });

  test('is refused when it is cut off', () => {
    const body = encodeKeys(['Tom', 'Jack']);
    expect(() => decodeKeys(body.subarray(0, -1))).toThrow(WireError);
  });

  test('holds as many keys as one request may have, and no more', () => {
    const keys = Array.from({ length: MAX_BATCH_KEYS }, () => 'k');
    expect(decodeKeys(encodeKeys(keys)).length).toBe(MAX_BATCH_KEYS);
    expect(() => decodeKeys(encodeKeys([...keys, 'k']))).toThrow('more than 10000 keys');
  });
});

describe('a list of outcomes', () => {
  test('survives the round trip', () => {
    const error = new LoadError('load_timeout', 'too slow: ключ');
    const [first, ...others] = decodeOutcomes(
      encodeOutcomes([valued('630', 7), {}, { error }, valued('')], 1_000),
      4,
    );
    expect(first).toMatchObject({ kind: 'value', value: { expiresAtMs: 5.25, ageMs: 7 } });
    expect(first?.kind === 'value' && first.value.value.toString()).toBe('630');
    expect(others.map(({ kind }) => kind)).toEqual(['missing', 'error', 'value']);
    expect(others[1]).toEqual({ kind: 'error', code: 'load_timeout', message: 'too slow: ключ' });
  });

  test.each([
    ['in a while', 5_000, 63_000],
    ['at this moment', 2_000, 60_000],
    ['a while ago', 1_500, 59_500],
    ['never', 0, 0],
    ['before the clock of the other side began', -70_000, 1],
  ])('lets a value that ends %s end then, whatever the clocks say', (_, expiresAtMs, there) => {
    const value = { value: ByteView.from('630'), expiresAtMs, ageMs: 0 };
    const [outcome] = decodeOutcomes(encodeOutcomes([{ value }], 1_000, 2_000), 1, 60_000);
    expect(outcome).toMatchObject({ value: { expiresAtMs: there } });
  });

  test('carries so much of the message of an error as is of use', () => {
    const error = new LoadError('load_failed', `no${' way'.repeat(1_000_000)}`);
    const [outcome] = decodeOutcomes(encodeOutcomes([{ error }], 10_000_000), 1);
    expect(outcome).toEqual({ kind: 'error', code: 'load_failed', message: error.message.slice(0, 1_024) });
  });

  test('defers the values that do not fit, and only those', () => {
    const outcomes = [valued('a'.repeat(50)), valued('b'.repeat(500)), valued('c'.repeat(50)), {}];
    const whole = encodeOutcomes(outcomes, 10_000).length;
    expect(decodeOutcomes(encodeOutcomes(outcomes, whole), 4).some(({ kind }) => kind === 'deferred')).toBe(
      false,
    );
    const body = encodeOutcomes(outcomes, whole - 1);
    expect(body.length).toBeLessThan(whole);
    expect(decodeOutcomes(body, 4).map(({ kind }) => kind)).toEqual([
      'value',
      'value',
      'deferred',
      'missing',
    ]);
    const small = encodeOutcomes(outcomes, 200);
    expect(small.length).toBeLessThanOrEqual(200);
    expect(decodeOutcomes(small, 4).map(({ kind }) => kind)).toEqual([
      'value',
      'deferred',
      'value',
      'missing',
    ]);
  });

  test.each([
    ['too few outcomes', Buffer.from([0])],
    ['too many outcomes', Buffer.from([0, 0, 0])],
    ['an unknown kind', Buffer.from([0, 9])],
    ['a value cut off', encodeOutcomes([{}, valued('630')], 1_000).subarray(0, -1)],
    ['a time left that is no number', encodeOutcomes([{}, valued('630')], 1_000, Number.NaN)],
    ['a time left below all bounds', encodeOutcomes([{}, valued('630')], 1_000, Number.POSITIVE_INFINITY)],
    ['an age below 0', encodeOutcomes([{}, valued('630', -1)], 1_000)],
    ['an age that is no number', encodeOutcomes([{}, valued('630', Number.NaN)], 1_000)],
    ['an age without end', encodeOutcomes([{}, valued('630', Number.POSITIVE_INFINITY)], 1_000)],
  ])('is refused with %s', (_, body) => {
    expect(() => decodeOutcomes(body, 2)).toThrow(WireError);
  });
});
