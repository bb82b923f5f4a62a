// What peers of every kind ask over HTTP, and what they get: the statuses, the paths, and the limits.

import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { ByteView } from '../../byte-view.ts';
import {
  HgCacheError,
  InvalidValueError,
  LoadError,
  OverloadedError,
  StoppedError,
  UnknownGroupError,
} from '../../errors.ts';
import { keyFromBytes, validateKey } from '../../key.ts';
import { freePort } from '../../testing/free-port.ts';
import type { PeerHandler } from '../peer-transport.ts';
import { encodeKeys } from './batch.ts';
import { createHttpTransport, type HttpTransport, type HttpTransportOptions } from './http-transport.ts';
import { decodeGetResponse, encodeSetRequest } from './wire.ts';

const EXPIRES_AT_MS = 1_800_000_000_000;
const OURS = { hgcache: '1' };

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

let stopServer: () => Promise<void> = async () => {};
afterEach(() => stopServer());

/** Starts a node whose handler writes down what it is asked, and answers as scripted. */
async function serve(options: HttpTransportOptions = {}, script: Partial<PeerHandler> = {}) {
  const port = await freePort();
  const seen: unknown[][] = [];
  const known = (group: string): void => {
    if (group !== 'users') throw new UnknownGroupError(group);
  };
  const handler: PeerHandler = {
    get: async (group, key) => {
      known(group);
      validateKey(key);
      seen.push(['get', key]);
      return key === 'none'
        ? undefined
        : { value: ByteView.from(`<${key}>`), expiresAtMs: EXPIRES_AT_MS, ageMs: 12_345.6 };
    },
    getMany: async (group, keys) => {
      known(group);
      seen.push(['getMany', ...keys]);
      return keys.map(() => ({}));
    },
    set: async (group, key, value, expiresAtMs) => {
      known(group);
      validateKey(key);
      seen.push(['set', key, value.toString(), expiresAtMs]);
    },
    remove: async (group, keys) => {
      known(group);
      for (const key of keys) validateKey(key);
      seen.push(['remove', ...keys]);
    },
    clear: async (group) => {
      known(group);
      seen.push(['clear']);
    },
    ...script,
  };
  const transport: HttpTransport = createHttpTransport(options);
  await transport.start({ id: `http://127.0.0.1:${port}` }, handler);
  stopServer = () => transport.stop(0);
  const ask = (method: string, path: string, headers = {}, body?: Uint8Array | string): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false });
      outgoing.on('error', reject);
      outgoing.on('response', (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({ status: incoming.statusCode, headers: incoming.headers, body: Buffer.concat(chunks) }),
        );
      });
      outgoing.end(body);
    });
  return { port, seen, ask, transport };
}

/** Sends bytes as they are, and gives what comes back until the connection closes. */
function sendRaw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
    socket.write(bytes, 'latin1');
  });
}

describe('a get', () => {
  test.each([['/_groupcache/'], ['/_hgcache/']])('is answered under %s', async (basePath) => {
    const { ask } = await serve();
    const { status, headers, body } = await ask('GET', `${basePath}users/Tom`);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/x-protobuf');
    expect(headers['content-length']).toBe(String(body.length));
    expect(headers.age).toBe('12');
    const { value, expiresAtMs } = decodeGetResponse(body);
    expect(value.toString()).toBe('<Tom>');
    expect(expiresAtMs).toBe(EXPIRES_AT_MS);
  });

  test('is answered under a base path of its own, and under the prefix of its address', async () => {
    const { ask } = await serve({ basePath: '/cache/peers/' });
    expect((await ask('GET', '/cache/peers/users/Tom')).status).toBe(200);
    expect((await ask('GET', '/_hgcache/users/Tom')).status).toBe(200);
    expect((await ask('GET', '/_groupcache/users/Tom')).status).toBe(404);
    await stopServer();

    const port = await freePort();
    const transport = createHttpTransport();
    const get: PeerHandler['get'] = async () => ({ value: ByteView.from('1'), expiresAtMs: 0, ageMs: 0 });
    const self = { id: `http://127.0.0.1:${port}/app` };
    await transport.start(self, { get } as PeerHandler);
    stopServer = () => transport.stop(0);
    const found = await transport.get(self, 'users', 'Tom', { timeoutMs: 1_000 });
    expect(found?.value.toString()).toBe('1');
  });

  test.each([
    ['a%20b', 'a b'],
    ['a%2Bb', 'a+b'],
    ['a%2fb', 'a/b'],
    ['a/b//c/', 'a/b//c/'],
    ['..', '..'],
    ['%2e%2e/x', '../x'],
    ['/x', '/x'],
    ['a%3Fb%23c', 'a?b#c'],
    ['a?b', 'a'],
    ['a#b', 'a#b'],
    ['%ff', keyFromBytes(Uint8Array.of(0xff))],
    ['%D0%BA', 'к'],
    ['_remove-keys/', '_remove-keys/'],
    ['_get-keys/', '_get-keys/'],
    ['%00', '\u0000'],
  ])('of the path segment %s is for the key %j', async (segment, key) => {
    const { ask, seen } = await serve();
    expect((await ask('GET', `/_groupcache/users/${segment}`)).status).toBe(200);
    expect((await ask('GET', `/_groupcache/users/${segment}`, OURS)).status).toBe(200);
    expect(seen).toEqual([
      ['get', key],
      ['get', key],
    ]);
  });

  test('of a plus is for a space where golang/groupcache asks, and for a plus from everyone else', async () => {
    const groupcache = await serve();
    await groupcache.ask('GET', '/_groupcache/users/a+b%2Bc');
    await groupcache.ask('GET', '/_groupcache/users/a+b%2Bc', OURS);
    expect(groupcache.seen).toEqual([
      ['get', 'a b+c'],
      ['get', 'a+b+c'],
    ]);
    await stopServer();
    const groupcacheGo = await serve({ dialect: 'groupcache-go' });
    await groupcacheGo.ask('GET', '/_groupcache/users/a+b%2Bc');
    expect(groupcacheGo.seen).toEqual([['get', 'a+b+c']]);
  });

  test('may be a HEAD, and may name the whole URL', async () => {
    const { ask, port } = await serve();
    const { status, body } = await ask('HEAD', '/_groupcache/users/Tom');
    expect([status, body.length]).toEqual([200, 0]);
    expect((await ask('GET', `http://127.0.0.1:${port}/_groupcache/users/Tom`)).status).toBe(200);
  });

  test('of an HgCache node is told apart, and answered with the exact age', async () => {
    const { ask } = await serve();
    const { headers } = await ask('GET', '/_groupcache/users/Tom', OURS);
    expect(headers['hgcache']).toBe('1');
    expect(headers['hgcache-age-ms']).toBe('12345');
    expect((await ask('GET', '/_groupcache/', OURS)).status).toBe(200);
    expect((await ask('GET', '/_groupcache/')).status).toBe(400);
  });
});

describe('the status of an error', () => {
  const failures: [string, Error, number, number, number, string][] = [
    ['a failed load', new LoadError('load_failed', 'no database'), 500, 500, 503, 'load_failed'],
    ['a load that took too long', new LoadError('load_timeout', 'slow'), 500, 500, 503, 'load_timeout'],
    ['overload', new OverloadedError('full'), 503, 500, 503, 'overloaded'],
    ['a bad value', new InvalidValueError('no JSON'), 500, 500, 503, 'invalid_value'],
    ['an unknown group', new UnknownGroupError('users'), 404, 404, 421, 'unknown_group'],
    ['a stopped node', new StoppedError(), 503, 500, 500, 'stopped'],
    ['an error with no word of its own', new HgCacheError('peer_failed', 'odd'), 500, 500, 500, 'internal'],
    ['an error of any other kind', new TypeError('odd'), 500, 500, 500, 'internal'],
  ];

  test.each(failures)('for %s', async (_, error, ours, groupcache, groupcacheGo, word) => {
    const get = (): Promise<never> => Promise.reject(error);
    const first = await serve({}, { get });
    const toUs = await first.ask('GET', '/_groupcache/users/Tom', OURS);
    expect([toUs.status, toUs.headers['hgcache-error'], toUs.body.toString()]).toEqual([
      ours,
      word,
      error.message,
    ]);
    expect((await first.ask('GET', '/_groupcache/users/Tom')).status).toBe(groupcache);
    await stopServer();
    const second = await serve({ dialect: 'groupcache-go' }, { get });
    expect((await second.ask('GET', '/_groupcache/users/Tom')).status).toBe(groupcacheGo);
  });

  test.each([['groupcache'], ['groupcache-go']] as const)('for bad requests, dialect %s', async (dialect) => {
    const { ask, seen } = await serve({ dialect });
    const statusOf = async (method: string, path: string): Promise<number | undefined> =>
      (await ask(method, path)).status;
    expect(await statusOf('GET', '/_groupcache/users/none')).toBe(404);
    expect(await statusOf('GET', '/_groupcache/users')).toBe(400);
    expect(await statusOf('GET', '/_groupcache//Tom')).toBe(400);
    expect(await statusOf('GET', '/_groupcache/users/')).toBe(400);
    expect(await statusOf('GET', '/_groupcache/users/%')).toBe(400);
    expect(await statusOf('GET', '/_groupcache/users/%4')).toBe(400);
    expect(await statusOf('GET', '/_groupcache/users/%zz')).toBe(400);
    expect(await statusOf('GET', '/_groupcache/us%zzers/Tom')).toBe(400);
    expect(await statusOf('GET', `/_groupcache/users/${'k'.repeat(1_024)}`)).toBe(200);
    expect(await statusOf('GET', `/_groupcache/users/${'k'.repeat(1_025)}`)).toBe(400);
    expect(await statusOf('PATCH', '/_groupcache/users/Tom')).toBe(405);
    expect(await statusOf('OPTIONS', '/_groupcache/users/Tom')).toBe(405);
    expect(await statusOf('POST', '/_groupcache/users/Tom')).toBe(405);
    expect(await statusOf('GET', '/elsewhere/users/Tom')).toBe(404);
    expect(seen).toEqual([
      ['get', 'none'],
      ['get', 'k'.repeat(1_024)],
    ]);
  });
});

describe('a browser', () => {
  test.each([
    ['POST', 'users/_remove-keys/', { origin: 'http://evil.example', 'content-type': 'text/plain' }],
    ['POST', 'users/_remove-keys/', { origin: 'null' }],
    ['GET', 'users/Tom', { 'sec-fetch-site': 'cross-site' }],
    ['GET', 'users/Tom', { ...OURS, origin: 'http://127.0.0.1' }],
    ['OPTIONS', 'users/Tom', { origin: 'http://evil.example' }],
  ])('is refused: %s %s with %j', async (method, path, headers) => {
    const { ask, seen } = await serve();
    const { status, body } = await ask(
      method,
      `/_groupcache/${path}`,
      headers,
      method === 'POST' ? '{"keys": ["Tom"]}' : '',
    );
    expect([status, body.toString()]).toEqual([403, 'peers alone may ask here, and not a browser']);
    expect(seen).toEqual([]);
  });
});

describe('a clock that is not ours', () => {
  const MINUTE_MS = 60_000;
  const about = (moment: unknown): boolean =>
    Math.abs(Number(moment) - (Date.now() + MINUTE_MS)) < MINUTE_MS / 4;

  test('decides nothing: of a set the time left counts, and not the moment', async () => {
    const { ask, seen } = await serve();
    const body = encodeSetRequest({
      group: 'users',
      key: Buffer.from('Tom'),
      value: ByteView.from('630'),
      expiresAtMs: Date.now() - MINUTE_MS,
    });
    const set = (ttl: object): Promise<Answer> =>
      ask('PUT', '/_groupcache/users/Tom', { ...OURS, ...ttl }, body);
    expect((await set({ 'hgcache-ttl-ms': String(MINUTE_MS) })).status).toBe(200);
    expect(about(seen[0]?.[3])).toBe(true);
    await set({ 'hgcache-ttl-ms': '-5' });
    expect(Number(seen[1]?.[3])).toBeLessThanOrEqual(Date.now());
    // What makes no sense is not there.
    for (const ttl of ['', 'soon', '1e5', '9'.repeat(16)]) await set({ 'hgcache-ttl-ms': ttl });
    await set({});
    const moments = seen.slice(2).map(([, , , moment]) => Number(moment));
    expect(moments).toHaveLength(5);
    for (const moment of moments) expect(moment).toBeLessThan(Date.now() - MINUTE_MS / 2);
  });

  test('is no trouble for an asker, which is told the time left', async () => {
    const get: PeerHandler['get'] = async (_, key) => ({
      value: ByteView.from(key),
      expiresAtMs: key === 'Tom' ? Date.now() + MINUTE_MS : 0,
      ageMs: 0,
    });
    const { ask } = await serve({}, { get });
    const { headers } = await ask('GET', '/_groupcache/users/Tom', OURS);
    expect(Number(headers['hgcache-ttl-ms'])).toBeGreaterThan(MINUTE_MS / 2);
    expect(Number(headers['hgcache-ttl-ms'])).toBeLessThanOrEqual(MINUTE_MS + 1_000);
    expect((await ask('GET', '/_groupcache/users/Sam', OURS)).headers).not.toHaveProperty('hgcache-ttl-ms');
  });
});

describe('a change', () => {
  const setRequest = encodeSetRequest({
    group: 'users',
    key: Uint8Array.of(0x61, 0xff),
    value: ByteView.from('630'),
    expiresAtMs: EXPIRES_AT_MS,
  });

  test.each([['groupcache'], ['groupcache-go']] as const)(
    'is made and answered with 200, dialect %s',
    async (dialect) => {
      const { ask, seen } = await serve({ dialect });
      expect((await ask('PUT', '/_groupcache/users/a%FF', {}, setRequest)).status).toBe(200);
      expect((await ask('DELETE', '/_groupcache/users/a%20b')).status).toBe(200);
      const json = JSON.stringify({ group: 'users', keys: ['a b', 'ключ', '_remove-keys/'] });
      expect((await ask('POST', '/_groupcache/users/_remove-keys/', {}, json)).status).toBe(200);
      const none = JSON.stringify({ group: 'users', keys: null });
      expect((await ask('POST', '/_groupcache/users/_remove-keys/', {}, none)).status).toBe(200);
      expect(seen).toEqual([
        ['set', keyFromBytes(Uint8Array.of(0x61, 0xff)), '630', EXPIRES_AT_MS],
        ['remove', 'a b'],
        ['remove', 'a b', 'ключ', '_remove-keys/'],
        ['remove'],
      ]);
    },
  );

  test('of many keys is a matter of POST: those paths stay keys to every other method', async () => {
    const { ask, seen } = await serve();
    await ask('DELETE', '/_groupcache/users/_remove-keys/', OURS);
    await ask('DELETE', '/_groupcache/users/_clear/', OURS);
    expect(seen).toEqual([
      ['remove', '_remove-keys/'],
      ['remove', '_clear/'],
    ]);
  });

  test('that only HgCache nodes know is refused to others', async () => {
    const { ask, seen } = await serve();
    expect((await ask('POST', '/_groupcache/users/_clear/')).status).toBe(405);
    expect((await ask('POST', '/_groupcache/users/_get-keys/', {}, encodeKeys(['a']))).status).toBe(405);
    expect((await ask('POST', '/_groupcache/users/_clear/', OURS)).status).toBe(200);
    expect(seen).toEqual([['clear']]);
  });

  test.each<[string, string, string, string | Uint8Array]>([
    ['a set whose message is cut off', 'PUT', 'Tom', setRequest.subarray(0, -1)],
    ['a set of nothing', 'PUT', 'Tom', ''],
    ['a set of an empty key', 'PUT', '', encodeSetRequest({ ...emptySet(), key: Buffer.from('') })],
    [
      'a set of a key too long',
      'PUT',
      'k',
      encodeSetRequest({ ...emptySet(), key: Buffer.alloc(1_025, 0x6b) }),
    ],
    ['a removal that is no JSON', 'POST', '_remove-keys/', '{"keys": ['],
    ['a removal that is no object', 'POST', '_remove-keys/', '7'],
    ['a removal of numbers', 'POST', '_remove-keys/', '{"keys": [7]}'],
    ['a removal of a lone surrogate', 'POST', '_remove-keys/', '{"keys": ["\\ud800"]}'],
    ['a get of many keys that is cut off', 'POST', '_get-keys/', encodeKeys(['Tom']).subarray(0, -1)],
  ])('is refused with 400: %s', async (_, method, segment, body) => {
    const { ask, seen } = await serve();
    expect((await ask(method, `/_groupcache/users/${segment}`, OURS, body)).status).toBe(400);
    expect(seen).toEqual([]);
  });

  test('may have a body up to the limit, and not a byte more', async () => {
    const { ask, seen } = await serve({ maxBodyBytes: setRequest.length });
    const path = '/_groupcache/users/a%FF';
    const chunked = { 'transfer-encoding': 'chunked' };
    const longer = Buffer.concat([setRequest, Buffer.alloc(1)]);
    expect((await ask('PUT', path, {}, setRequest)).status).toBe(200);
    expect((await ask('PUT', path, chunked, setRequest)).status).toBe(200);
    expect((await ask('PUT', path, {}, longer)).status).toBe(413);
    expect((await ask('PUT', path, chunked, longer)).status).toBe(413);
    expect((await ask('PUT', path, chunked, Buffer.alloc(5_000_000))).status).toBe(413);
    expect(seen.length).toBe(2);
  });

  function emptySet() {
    return { group: 'users', value: ByteView.from(''), expiresAtMs: 0 };
  }
});

describe('a connection', () => {
  test('with garbage on it gets a 400 and is closed, and the server lives on', async () => {
    const { port, ask } = await serve();
    expect(await sendRaw(port, 'garbage\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
    expect(await sendRaw(port, 'GET /_groupcache/users/caf\u00e9 HTTP/1.1\r\nhost: a\r\n\r\n')).toMatch(
      / 400 /,
    );
    expect(await sendRaw(port, 'GET /_groupcache/users/Tom HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
    expect(await sendRaw(port, '\u0016\u0003\u0001\u0002\u0000\u0001')).toMatch(/ 400 /);
    expect((await ask('GET', '/_groupcache/users/Tom')).status).toBe(200);
  });

  test('with headers too large gets a 431', async () => {
    const { port, ask } = await serve();
    const line = `x: ${'y'.repeat(20_000)}\r\n`;
    expect(await sendRaw(port, `GET /_groupcache/users/Tom HTTP/1.1\r\nhost: a\r\n${line}\r\n`)).toMatch(
      / 431 /,
    );
    expect((await ask('GET', '/_groupcache/users/Tom')).status).toBe(200);
  });

  test('that breaks in the middle of a body leaves nothing behind', async () => {
    const { port, ask, seen, transport } = await serve();
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('close', () => resolve());
      const head = 'PUT /_groupcache/users/Tom HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nab';
      socket.write(head, () => setTimeout(() => socket.resetAndDestroy(), 20));
    });
    expect((await ask('GET', '/_groupcache/users/Tom')).status).toBe(200);
    expect(seen).toEqual([['get', 'Tom']]);
    const startedMs = performance.now();
    await transport.stop(5_000);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });

  test('is used for one request after another', async () => {
    const { port } = await serve();
    const one = 'GET /_groupcache/users/Tom HTTP/1.1\r\nhost: a\r\n';
    const answer = await sendRaw(port, `${one}\r\n${one}connection: close\r\n\r\n`);
    expect(answer.match(/HTTP\/1.1 200 /g)?.length).toBe(2);
  });
});
