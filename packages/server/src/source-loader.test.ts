// Tests of whose fault it is that a load has failed.

import { ByteView, StoppedError } from 'hgcache';
import { expect, test } from 'vitest';
import { AbandonedLoadError, sourceLoader } from './source-loader.ts';
import type { Source } from './sources/source.ts';

const never = new AbortController().signal;
const sourceOf = (load: Source['load']): Source => ({ load, close: async () => {} });

test('gives what the source gives', async () => {
  const load = sourceLoader(sourceOf(async (key) => ByteView.from(key)));
  expect(String(await load('Tom', { signal: never }))).toBe('Tom');
});

test('an error of the source stays as it is, also when everyone has left', async () => {
  const failure = new Error('no connection');
  const load = sourceLoader(sourceOf(() => Promise.reject(failure)));
  await expect(load('Tom', { signal: never })).rejects.toBe(failure);
  await expect(load('Tom', { signal: AbortSignal.abort(new Error('left')) })).rejects.toBe(failure);
});

test.each([
  ['everyone has left', new Error('left')],
  ['the server stops', new StoppedError()],
])('a load is given up when %s', async (_, reason) => {
  const load = sourceLoader(sourceOf((_key, { signal }) => Promise.reject(signal.reason)));
  const failure = load('Tom', { signal: AbortSignal.abort(reason) });
  await expect(failure).rejects.toBeInstanceOf(AbandonedLoadError);
});

test('a load from a source that was closed is given up', async () => {
  const load = sourceLoader(sourceOf(() => Promise.reject(new StoppedError())));
  await expect(load('Tom', { signal: never })).rejects.toBeInstanceOf(AbandonedLoadError);
});
