// Tests of the log lines that a node's reports become.

import { LoadError, PeerError } from 'hgcache';
import { createFakeClock } from 'hgcache/testing';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createLogHooks } from './log-hooks.ts';
import { AbandonedLoadError } from './source-loader.ts';

function start(level: string) {
  const lines: Record<string, unknown>[] = [];
  const log = pino(
    { level, base: null, timestamp: false },
    { write: (line) => lines.push(JSON.parse(line)) },
  );
  const clock = createFakeClock();
  return { lines, clock, hooks: createLogHooks(log, clock) };
}

const DEBUG = 20;
const INFO = 30;
const WARN = 40;
const event = { group: 'test', key: 'Tom' };
const peer = 'http://127.0.0.1:8002';

test('a request is told step by step at debug', () => {
  const { hooks, lines } = start('debug');
  hooks.onPeerPicked?.({ ...event, peer });
  hooks.onPeerRequest?.(event);
  hooks.onLoad?.(event);
  hooks.onLoaded?.({ ...event, durationMs: 1 });
  hooks.onHit?.(event);
  expect(lines).toEqual([
    { level: DEBUG, ...event, peer, msg: 'peer picked' },
    { level: DEBUG, ...event, msg: 'peer request' },
    { level: DEBUG, ...event, msg: 'origin searched' },
    { level: DEBUG, ...event, msg: 'hit' },
  ]);
});

test('a request leaves no line at info, and costs no call', () => {
  const { hooks } = start('info');
  expect(Object.keys(hooks).sort()).toEqual(['onError', 'onLoaded', 'onMembers', 'onPeerFailed']);
});

test('a change of members is told', () => {
  const { hooks, lines } = start('info');
  hooks.onMembers?.({ members: [{ id: peer }] });
  expect(lines).toEqual([{ level: INFO, members: [peer], msg: 'members changed' }]);
});

test('a peer that fails every request is told every ten seconds, with a count', async () => {
  const { hooks, lines, clock } = start('info');
  const failure = { group: 'test', peer, error: new PeerError(peer, 'connection refused') };
  for (let request = 0; request < 100; request++) hooks.onPeerFailed?.(failure);
  hooks.onPeerFailed?.({ ...failure, peer: 'other' });
  await clock.advance(10_000);
  hooks.onPeerFailed?.(failure);
  const line = {
    level: WARN,
    group: 'test',
    peer,
    reason: `peer ${peer}: connection refused`,
    msg: 'peer failed',
  };
  expect(lines).toEqual([line, { ...line, peer: 'other' }, { ...line, more: 99 }]);
});

test('an origin that fails every load is told every ten seconds, with its reason', async () => {
  const { hooks, lines, clock } = start('info');
  const error = new LoadError('load_failed', 'the loader failed', { cause: new Error('no connection') });
  for (let load = 0; load < 3; load++) hooks.onLoaded?.({ ...event, durationMs: 1, error });
  await clock.advance(10_000);
  hooks.onLoaded?.({ ...event, durationMs: 1, error });
  const line = { level: WARN, ...event, reason: 'the loader failed: no connection', msg: 'origin failed' };
  expect(lines).toEqual([line, { ...line, more: 2 }]);
});

test('an unexpected error comes with its stack', () => {
  const { hooks, lines } = start('info');
  hooks.onError?.({ error: new Error('boom'), where: 'onEvicted' });
  expect(lines).toMatchObject([{ where: 'onEvicted', err: { message: 'boom', stack: expect.any(String) } }]);
});

test('an origin has not failed when a load was given up', () => {
  const { hooks, lines } = start('info');
  const given = new AbandonedLoadError(new Error('the client has gone'));
  const error = new LoadError('load_failed', 'load of "Tom": the load was given up', { cause: given });
  hooks.onLoaded?.({ ...event, durationMs: 1, error });
  expect(lines).toEqual([]);
});
