import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  ByteView,
  bytesCodec,
  ConfigError,
  createHttpTransport,
  createStaticDiscovery,
  type Group,
  HgCache,
  InvalidationError,
  InvalidKeyError,
  InvalidValueError,
  keyFromBytes,
  type LoadContext,
  LoadError,
} from 'hgcache';
import { createFakeClock } from 'hgcache/testing';
import { type Logger, pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { MAX_BATCH_ANSWER_BYTES } from './batch-answer.ts';
import { MAX_BATCH_BODY_BYTES, MAX_BATCH_KEYS } from './batch-routes.ts';
import { createGateway, type GatewayOptions } from './gateway.ts';
import { MAX_PUT_BYTES } from './key-routes.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

type Load = (key: string, context: LoadContext) => Promise<ByteView | undefined> | ByteView | undefined;

const SCORES = new Map([
  ['Tom', '630'],
  ['Jack', '589'],
]);
const loadScore: Load = (key) => {
  const score = SCORES.get(key);
  return score === undefined ? undefined : ByteView.from(score);
};

interface Settings extends Partial<GatewayOptions> {
  readonly load?: Load;
  readonly group?: {
    ttlMs?: number;
    maxValueBytes?: number;
    loadTimeoutMs?: number;
    maxConcurrentLoads?: number;
    maxQueuedLoads?: number;
  };
}

const MiB = 1024 * 1024;
const SELF = 'http://127.0.0.1:8001';

/** A gateway over one node with the groups `test` and `other`. */
async function open({ load = loadScore, group = {}, ...options }: Settings = {}) {
  const cache = new HgCache({ self: SELF, ...(options.clock && { clock: options.clock }) });
  const test = cache.group<ByteView>('test', { maxBytes: 200 * MiB, codec: bytesCodec, load, ...group });
  const other = cache.group<ByteView>('other', {
    maxBytes: MiB,
    codec: bytesCodec,
    load: (key) => ByteView.from(`other ${key}`),
  });
  await cache.start();
  const app = createGateway({
    cache,
    groups: new Map([
      ['test', test],
      ['other', other],
    ]),
    defaultGroup: 'test',
    placement: 'balanced',
    cors: { origins: [], credentials: false },
    log: pino({ level: 'silent' }),
    isReady: () => true,
    ...options,
  });
  undo.push(async () => {
    app.server.closeAllConnections();
    await app.close();
    await cache.stop();
  });
  return { app, cache, group: test };
}

interface Call {
  readonly method?: string;
  readonly body?: string | Uint8Array;
  readonly headers?: Record<string, string>;
}

/** A gateway that listens, and a client that sends the path as it stands there. */
async function listen(settings: Settings = {}) {
  const opened = await open(settings);
  await opened.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = opened.app.server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true });
  undo.push(() => agent.destroy());
  const call = async (path: string, { method = 'GET', body, headers = {} }: Call = {}) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, method, headers, agent });
    request.end(body);
    const [response] = await once(request, 'response');
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    return {
      status: response.statusCode as number,
      headers: response.headers as IncomingHttpHeaders,
      bytes,
      text: bytes.toString(),
    };
  };
  return { ...opened, port, call };
}

/** Ports that were free a moment ago. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** A logger whose lines can be looked at, without what every line has. */
function recordingLog(level = 'info'): { log: Logger; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => {
    const { time: _time, reqId: _id, ...rest } = JSON.parse(line);
    lines.push(rest);
  };
  return { log: pino({ level, base: null }, { write }), lines };
}

/** Sends bytes to the gateway and reads until it closes. */
async function raw(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(request, 'latin1');
  return text(socket);
}

function errorOf(response: { body: string } | { text: string }) {
  const body = JSON.parse('body' in response ? response.body : response.text);
  expect(Object.keys(body)).toEqual(['code', 'message', 'reference']);
  expect(body.reference).toBe(`docs/error-codes.md#${body.code}`);
  return body as { code: number; message: string; reference: string };
}

describe('GET /api', () => {
  test('answers the value as bytes', async () => {
    const { app } = await open();
    const answer = await app.inject('/api?key=Tom');
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('application/octet-stream');
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect(answer.body).toBe('630');
  });

  test('takes a group, and ignores what it does not know', async () => {
    const { app } = await open();
    expect((await app.inject('/api?key=Tom&group=other&_=17')).body).toBe('other Tom');
  });

  test('without a key is refused', async () => {
    const { app } = await open();
    for (const path of ['/api', '/cache/api', '/api?Key=Tom']) {
      const answer = await app.inject(path);
      expect(answer.statusCode).toBe(400);
      expect(errorOf(answer)).toMatchObject({
        code: 100003,
        message: 'the parameter key is missing, e.g. ?key=Tom',
      });
    }
  });

  test('reads the key as forms write it, and any bytes of it', async () => {
    const { call } = await listen({ load: (key) => ByteView.from(JSON.stringify(key)) });
    expect((await call('/api?key=a+b%2Bc')).text).toBe('"a b+c"');
    expect((await call('/api?key=%ff')).text).toBe(JSON.stringify(keyFromBytes(Uint8Array.of(0xff))));
    expect((await call('/api?key=%ZZ')).status).toBe(400);
  });
});

describe('GET /cache/api', () => {
  test('answers the value as JSON', async () => {
    const { app } = await open();
    const answer = await app.inject('/cache/api?key=Tom');
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.body).toBe('{"data":"630"}');
    expect((await app.inject('/cache/api?key=Tom&group=other')).body).toBe('{"data":"other Tom"}');
  });

  test('a value that is not text is an error that says where its bytes are', async () => {
    const { app } = await open({ load: () => ByteView.from(Uint8Array.of(0xff)) });
    const answer = await app.inject('/cache/api?key=Tom');
    expect(answer.statusCode).toBe(500);
    expect(errorOf(answer)).toMatchObject({ code: 100302 });
    expect((await app.inject('/api?key=Tom')).rawPayload).toEqual(Buffer.of(0xff));
  });
});

describe('the keys of a group', () => {
  test.each([
    ['Tom', 'Tom'],
    ['..', '..'],
    ['%2e%2e', '..'],
    ['%2e%2e%2fapi', '../api'],
    ['../../../api', '../../../api'],
    ['a%2Fb', 'a/b'],
    ['a/b//c/', 'a/b//c/'],
    ['//', '//'],
    ['a+b', 'a+b'],
    ['a%20b', 'a b'],
    ['a%3Fb%23c', 'a?b#c'],
    ['%25', '%'],
    ['%252F', '%2F'],
    ['%C3%AB', 'ë'],
    ['%ff%fe', keyFromBytes(Uint8Array.of(0xff, 0xfe))],
    ['%00', '\0'],
  ])('%s in a path is the key %j for GET, PUT and DELETE', async (path, key) => {
    const { call, group } = await listen({
      load: (loaded) => ByteView.from(`loaded ${JSON.stringify(loaded)}`),
    });
    const url = `/v1/groups/test/keys/${path}`;
    expect((await call(url)).text).toBe(`loaded ${JSON.stringify(key)}`);
    expect((await call(url, { method: 'PUT', body: 'new' })).status).toBe(204);
    expect(group.getIfPresent(key)?.toString()).toBe('new');
    expect((await call(url, { method: 'DELETE' })).status).toBe(204);
    expect(group.getIfPresent(key)).toBeUndefined();
  });

  test.each([
    ['%', '"%" is not a percent-escape'],
    ['a%4', '"%4" is not a percent-escape'],
    ['%zz', '"%zz" is not a percent-escape'],
    ['', 'this one is empty'],
  ])('the key %j is refused', async (path, message) => {
    const { call } = await listen();
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await call(`/v1/groups/test/keys/${path}`, { method });
      expect(answer.status).toBe(400);
      expect(errorOf(answer).code).toBe(100003);
      expect(errorOf(answer).message).toContain(message);
    }
  });

  test('a key has at most 1,024 bytes, however they are written', async () => {
    const { call } = await listen({ load: (key) => ByteView.from(String(Buffer.byteLength(key))) });
    for (const longest of ['x'.repeat(1024), '%F0%9F%9A%80'.repeat(256)]) {
      expect((await call(`/v1/groups/test/keys/${longest}`)).text).toBe('1024');
      const refused = await call(`/v1/groups/test/keys/${longest}x`);
      expect(refused.status).toBe(400);
      expect(errorOf(refused)).toMatchObject({ code: 100003, message: expect.stringContaining('has 1025') });
    }
  });

  test('a value is answered as bytes, and HEAD tells its length', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const { call } = await listen({ load: () => ByteView.from(bytes) });
    const got = await call('/v1/groups/test/keys/Tom');
    expect(got.headers['content-type']).toBe('application/octet-stream');
    expect(got.bytes).toEqual(bytes);
    const head = await call('/v1/groups/test/keys/Tom', { method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, text: '' });
    expect(head.headers).toMatchObject({
      'content-length': '256',
      'cache-status': expect.stringContaining('hit'),
    });
  });

  test('a key that the origin does not have is 404, with the way that the answer took', async () => {
    const { app } = await open();
    const answer = await app.inject('/v1/groups/test/keys/Tim');
    expect(answer.statusCode).toBe(404);
    expect(answer.headers['cache-status']).toBe(`hgcache; fwd=miss; detail="${SELF}"`);
    expect(errorOf(answer)).toMatchObject({ code: 100601, message: 'no value for "Tim" in group "test"' });
  });

  test.each(['tset', 'constructor', '__proto__', '%00', 'x'.repeat(300)])(
    'the group %s is 404',
    async (name) => {
      const { app } = await open();
      for (const path of [`/v1/groups/${name}/keys/Tom`, `/api?key=Tom&group=${name}`].map(encodeURI)) {
        const answer = await app.inject(path);
        expect(answer.statusCode).toBe(404);
        expect(errorOf(answer).code).toBe(100602);
        expect(errorOf(answer).message).toContain('; there are test, other');
      }
    },
  );

  test('parameters that are unknown or given twice are refused by name', async () => {
    const { app } = await open();
    const path = '/v1/groups/test/keys/Tom';
    const twice = await app.inject({ method: 'PUT', url: `${path}?ttl=1s&ttl=2s`, payload: 'x' });
    expect(errorOf(twice).message).toContain('"ttl" is given twice');
    const unknown = await app.inject({ method: 'PUT', url: `${path}?tll=1s`, payload: 'x' });
    expect(unknown.statusCode).toBe(400);
    expect(errorOf(unknown).message).toContain('"tll"');
    expect((await app.inject(`${path}?ttl=1s`)).statusCode).toBe(400);
  });
});

describe('Cache-Status and Age', () => {
  test('a miss is forwarded, and a hit has an age', async () => {
    const { app } = await open({ group: { ttlMs: 60_000 } });
    const first = await app.inject('/api?key=Tom');
    expect(first.headers['cache-status']).toMatch(
      /^hgcache; fwd=miss; ttl=(5\d|60); detail="http:\/\/127\.0\.0\.1:8001"$/,
    );
    expect(first.headers['age']).toBeUndefined();
    const second = await app.inject('/api?key=Tom');
    expect(second.headers['cache-status']).toMatch(
      /^hgcache; hit; ttl=5\d; detail="http:\/\/127\.0\.0\.1:8001"$/,
    );
    expect(second.headers['age']).toMatch(/^\d$/);
  });
});

describe('with a peer', () => {
  test('a value comes from its owner, which is named, and a batch asks the owner once', async () => {
    const ports = await freePorts(2);
    const members = ports.map((port) => `http://127.0.0.1:${port}`);
    const loads: string[] = [];
    const nodes = members.map((self) => {
      const cache = new HgCache({
        self,
        transport: createHttpTransport(),
        discovery: createStaticDiscovery(members),
      });
      const load: Load = (key) => {
        loads.push(self);
        return key === 'bad' ? undefined : ByteView.from(`from ${self}`);
      };
      return { cache, group: cache.group<ByteView>('test', { maxBytes: MiB, codec: bytesCodec, load }) };
    });
    await Promise.all(nodes.map(({ cache }) => cache.start()));
    undo.push(() => Promise.all(nodes.map(({ cache }) => cache.stop())));
    const [{ cache, group }, other] = nodes as [(typeof nodes)[0], (typeof nodes)[0]];
    const { app } = await open({ cache, groups: new Map([['test', group]]) });
    const keys = Array.from({ length: 200 }, (_, index) => `key${index}`);
    const remote = keys.filter((key) => group.ownerOf(key).id === members[1]);

    const answer = await app.inject(`/api?key=${remote[0]}`);
    expect(answer.body).toBe(`from ${members[1]}`);
    expect(answer.headers['cache-status']).toMatch(/^hgcache; fwd=miss; (ttl=\d+; )?detail="http:.*"$/);
    expect(answer.headers['cache-status']).toContain(members[1]);

    const batch = await app.inject({ method: 'POST', url: '/v1/groups/test/batch-get', payload: { keys } });
    expect(Object.values(batch.json().values)).toHaveLength(keys.length);
    expect(loads).toHaveLength(keys.length);
    expect(loads.filter((node) => node === members[1])).toHaveLength(remote.length);

    await other.cache.stop();
    const unreached = await app.inject({ method: 'DELETE', url: `/v1/groups/test/keys/${remote[0]}` });
    expect(unreached.statusCode).toBe(503);
    expect(errorOf(unreached)).toMatchObject({
      code: 100606,
      message: expect.stringContaining(members[1] ?? ''),
    });
    expect((await app.inject(`/api?key=${remote[0]}`)).body).toBe(`from ${members[0]}`);
  });
});

describe('PUT', () => {
  test.each(['text/plain', 'application/json', 'application/x-www-form-urlencoded', 'bogus', 'a/b; c', ''])(
    'takes a body of the type %j as bytes',
    async (type) => {
      const { call } = await listen();
      const body = Buffer.of(0x7b, 0, 0xff);
      const put = await call('/v1/groups/test/keys/new', {
        method: 'PUT',
        body,
        headers: { 'content-type': type },
      });
      expect(put).toMatchObject({ status: 204, text: '' });
      expect((await call('/v1/groups/test/keys/new')).bytes).toEqual(body);
    },
  );

  test('without a body sets a value of no bytes', async () => {
    const { call, group } = await listen();
    expect((await call('/v1/groups/test/keys/Tom', { method: 'PUT' })).status).toBe(204);
    expect(group.getIfPresent('Tom')?.length).toBe(0);
  });

  test('with a ttl sets it for that time', async () => {
    const { app } = await open();
    await app.inject({ method: 'PUT', url: '/v1/groups/test/keys/a?ttl=1m30s', payload: 'x' });
    expect((await app.inject('/v1/groups/test/keys/a')).headers['cache-status']).toMatch(/; ttl=(8\d|90);/);
    await app.inject({ method: 'PUT', url: '/v1/groups/test/keys/b', payload: 'x' });
    expect((await app.inject('/v1/groups/test/keys/b')).headers['cache-status']).not.toContain('ttl');
  });

  test.each(['', '90', '-1s', '1m 30s', '1d', '0', '0s', 'Infinity'])(
    'with the ttl %j is refused',
    async (ttl) => {
      const { app, group } = await open();
      const url = `/v1/groups/test/keys/a?ttl=${encodeURIComponent(ttl)}`;
      const answer = await app.inject({ method: 'PUT', url, payload: 'x' });
      expect(answer.statusCode).toBe(400);
      expect(errorOf(answer).code).toBe(100003);
      expect(errorOf(answer).message).toContain('ttl');
      expect(group.getIfPresent('a')).toBeUndefined();
    },
  );

  test('of the largest value works, and of one byte more is 413', async () => {
    const { call, group } = await listen();
    const body = Buffer.alloc(MAX_PUT_BYTES + 1);
    const path = '/v1/groups/test/keys/large';
    expect((await call(path, { method: 'PUT', body: body.subarray(1) })).status).toBe(204);
    expect(group.getIfPresent('large')?.length).toBe(MAX_PUT_BYTES);
    const refused = await call(path, { method: 'PUT', body });
    expect(refused.status).toBe(413);
    expect(errorOf(refused)).toMatchObject({
      code: 100008,
      message: 'the body is larger than 8388608 bytes',
    });
    expect((await call(path)).bytes.length).toBe(MAX_PUT_BYTES);
  });

  test('of more than the group may keep is 413', async () => {
    const { call } = await listen({ group: { maxValueBytes: 10 } });
    const path = '/v1/groups/test/keys/large';
    expect((await call(path, { method: 'PUT', body: 'x'.repeat(10) })).status).toBe(204);
    const refused = await call(path, { method: 'PUT', body: 'x'.repeat(11) });
    expect(refused.status).toBe(413);
    expect(errorOf(refused).message).toContain('11 bytes, and maxValueBytes is 10');
  });
});

describe('writes', () => {
  const writes = [
    { method: 'PUT', url: '/v1/groups/test/keys/Tom', payload: 'x' },
    { method: 'DELETE', url: '/v1/groups/test/keys/Tom' },
  ] as const;

  test.each(writes)('$method needs the token once there is one', async (write) => {
    const { app } = await open({ token: 's3cret' });
    const without = await app.inject(write);
    expect(without.statusCode).toBe(401);
    expect(without.headers['www-authenticate']).toBe('Bearer realm="hgcache"');
    expect(errorOf(without).code).toBe(100204);
    const wrong = await app.inject({ ...write, headers: { authorization: 'Bearer guess' } });
    expect(wrong.statusCode).toBe(401);
    expect(errorOf(wrong).code).toBe(100005);
    const other = await app.inject({ ...write, headers: { authorization: 'Basic s3cret' } });
    expect(errorOf(other).code).toBe(100203);
    const right = { ...write, headers: { authorization: 'Bearer s3cret' }, remoteAddress: '203.0.113.7' };
    expect((await app.inject(right)).statusCode).toBe(204);
  });

  test.each(writes)(
    'without a token, $method is refused from elsewhere, whatever its headers say',
    async (write) => {
      const { app, group } = await open();
      await group.get('Tom');
      for (const attempt of [
        { remoteAddress: '203.0.113.7' },
        {
          remoteAddress: '203.0.113.7',
          headers: { 'x-forwarded-for': '127.0.0.1', authorization: 'Bearer x' },
        },
        { remoteAddress: '127.0.0.1', headers: { 'x-forwarded-for': '203.0.113.7' } },
        { remoteAddress: '127.0.0.1', headers: { origin: 'http://rebound.test' } },
      ]) {
        const answer = await app.inject({ ...write, ...attempt });
        expect(answer.statusCode).toBe(403);
        expect(errorOf(answer).code).toBe(100206);
      }
      expect(group.getIfPresent('Tom')?.toString()).toBe('630');
      expect((await app.inject({ ...write, remoteAddress: '::ffff:127.0.0.1' })).statusCode).toBe(204);
    },
  );

  test('are refused before the body is read', async () => {
    const { port } = await listen({ token: 's3cret' });
    const head =
      'PUT /v1/groups/test/keys/Tom HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\nConnection: close\r\n\r\n';
    expect(await raw(port, head)).toMatch(/^HTTP\/1\.1 401 /);
  });

  test('reads need no token', async () => {
    const { app } = await open({ token: 's3cret' });
    const read = { url: '/v1/groups/test/keys/Tom', remoteAddress: '203.0.113.7' };
    expect((await app.inject(read)).statusCode).toBe(200);
  });
});

describe('batch-get', () => {
  const url = '/v1/groups/test/batch-get';

  test('answers what was found, what was not, and what failed', async () => {
    const { app } = await open({
      load: (key, context) => {
        if (key === 'bad') throw new Error('no connection');
        return loadScore(key, context);
      },
    });
    const answer = await app.inject({
      method: 'POST',
      url,
      payload: { keys: ['Tom', 'Tim', 'bad', 'Tom', 'Jack', 'Tim'] },
    });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      values: { Tom: '630', Jack: '589' },
      missing: ['Tim'],
      errors: {
        bad: {
          code: 100101,
          message: expect.stringContaining('no connection'),
          reference: 'docs/error-codes.md#100101',
        },
      },
    });
  });

  test('of no keys is empty', async () => {
    const { app } = await open();
    const answer = await app.inject({ method: 'POST', url, payload: { keys: [] } });
    expect(answer.json()).toEqual({ values: {}, missing: [], errors: {} });
  });

  test('keys that are properties of every object, and bytes, are keys like others', async () => {
    const { app } = await open({
      load: (key) => (key === 'constructor' ? undefined : ByteView.from(key.toWellFormed())),
    });
    const odd = keyFromBytes(Uint8Array.of(0xff));
    const answer = await app.inject({
      method: 'POST',
      url,
      payload: { keys: ['__proto__', 'constructor', odd] },
    });
    expect(answer.body).toBe(
      `{"values":{"__proto__":"__proto__","\\udcff":"\ufffd"},"missing":["constructor"],"errors":{}}`,
    );
  });

  test('gives bytes in base64 when asked, and otherwise says which values are no text', async () => {
    const { app } = await open({
      load: (key) => ByteView.from(key === 'text' ? Buffer.from('ë') : Buffer.of(0xff, 0)),
    });
    const keys = ['text', 'bytes'];
    const base64 = await app.inject({ method: 'POST', url, payload: { keys, encoding: 'base64' } });
    expect(base64.json()).toEqual({ values: { text: 'w6s=', bytes: '/wA=' }, missing: [], errors: {} });
    const utf8 = await app.inject({ method: 'POST', url, payload: { keys, encoding: 'utf8' } });
    expect(utf8.json()).toMatchObject({
      values: { text: 'ë' },
      missing: [],
      errors: { bytes: { code: 100302 } },
    });
  });

  test(`takes ${MAX_BATCH_KEYS} keys and no more`, async () => {
    const { app } = await open();
    const keys = Array.from({ length: MAX_BATCH_KEYS + 1 }, (_, index) => `key${index}`);
    expect(
      (await app.inject({ method: 'POST', url, payload: { keys: keys.slice(1) } })).json().missing,
    ).toHaveLength(MAX_BATCH_KEYS);
    const refused = await app.inject({ method: 'POST', url, payload: { keys } });
    expect(refused.statusCode).toBe(400);
    expect(errorOf(refused)).toMatchObject({
      code: 100006,
      message: 'keys: at most 1000 at a time, these are 1001',
    });
  });

  test('takes a body of 1 MiB and no more', async () => {
    const { app } = await open();
    const bodyOf = (length: number) => '{"keys":["Tom"]}'.padEnd(length);
    const headers = { 'content-type': 'application/json' };
    const fits = await app.inject({ method: 'POST', url, headers, payload: bodyOf(MAX_BATCH_BODY_BYTES) });
    expect(fits.statusCode).toBe(200);
    const refused = await app.inject({
      method: 'POST',
      url,
      headers,
      payload: bodyOf(MAX_BATCH_BODY_BYTES + 1),
    });
    expect(refused.statusCode).toBe(413);
    expect(errorOf(refused)).toMatchObject({
      code: 100008,
      message: 'the body is larger than 1048576 bytes',
    });
  });

  test('loads no more than the answer has room for', async () => {
    const value = ByteView.from(Buffer.alloc(8 * MiB, 'x'));
    const loaded: string[] = [];
    const load: Load = (key) => {
      loaded.push(key);
      return value;
    };
    const { app } = await open({ load, group: { maxValueBytes: 1 } });
    const keys = Array.from({ length: MAX_BATCH_KEYS }, (_, index) => `key${index}`);
    const answer = (await app.inject({ method: 'POST', url, payload: { keys } })).json();
    expect(Object.keys(answer.values)).toEqual(keys.slice(0, 8));
    expect(Object.keys(answer.errors)).toEqual(keys.slice(8));
    expect(answer.errors['key999']).toMatchObject({ code: 100610 });
    expect(loaded).toHaveLength(16);
  });

  test('leaves one log line, however many of its keys failed', async () => {
    const { log, lines } = recordingLog();
    const load: Load = (key) => {
      if (key.startsWith('bad')) throw new Error('no connection');
      return undefined;
    };
    const { app } = await open({ load, log });
    const keys = Array.from({ length: 100 }, (_, index) => `${index % 2 ? 'bad' : 'good'}${index}`);
    for (let request = 0; request < 3; request++)
      await app.inject({ method: 'POST', url, payload: { keys } });
    const reason = 'load of "bad1" in group "test": no connection';
    expect(lines).toEqual([{ level: 40, keys: 50, reason, msg: 'keys of a batch failed' }]);
  });

  test('fills an answer of 64 MiB and no more', async () => {
    const { app } = await open();
    const value = ByteView.from(Buffer.alloc(8 * MiB, 'x'));
    const { app: large } = await open({ load: (key) => (key === 'small' ? ByteView.from('s') : value) });
    const keys = Array.from({ length: MAX_BATCH_ANSWER_BYTES / value.length }, (_, index) => `key${index}`);
    const full = await large.inject({ method: 'POST', url, payload: { keys } });
    expect(Object.keys(full.json().errors)).toEqual([]);
    const over = (await large.inject({ method: 'POST', url, payload: { keys: [...keys, 'small'] } })).json();
    expect(Object.keys(over.values)).toEqual(keys);
    expect(over.errors).toMatchObject({ small: { code: 100610 } });
    expect((await app.inject('/healthz')).statusCode).toBe(200);
  });

  test.each([
    ['no JSON', '{"keys":["Tom"]', 'not valid JSON'],
    ['nothing', '', 'cannot be empty'],
    ['null', 'null', 'must be an object'],
    ['an array', '["Tom"]', 'must be an object'],
    ['no keys', '{}', 'keys must be an array'],
    ['keys that are no array', '{"keys":"Tom"}', 'keys must be an array'],
    ['a key that is no string', '{"keys":["Tom",1]}', 'keys[1] must be a string'],
    ['an unknown property', '{"keys":[],"key":"Tom"}', '"key" is unknown'],
    ['an unknown encoding', '{"keys":[],"encoding":"hex"}', 'utf8, base64'],
    ['a property __proto__', '{"keys":[],"__proto__":{"a":1}}', 'not valid JSON'],
  ])('%s is refused', async (_, payload, message) => {
    const { app } = await open();
    const answer = await app.inject({
      method: 'POST',
      url,
      payload,
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.statusCode).toBe(400);
    expect(errorOf(answer).code).toBe(100006);
    expect(errorOf(answer).message).toContain(message);
  });

  test('a key that is empty or too long is refused', async () => {
    const { app } = await open();
    for (const key of ['', 'x'.repeat(1025)]) {
      const answer = await app.inject({ method: 'POST', url, payload: { keys: ['Tom', 'Jack', key] } });
      expect(answer.statusCode).toBe(400);
      expect(errorOf(answer)).toMatchObject({
        code: 100003,
        message: expect.stringMatching(/^keys\[2\]: a key has/),
      });
    }
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', undefined])(
    'a body of the type %s is 415',
    async (type) => {
      const { app } = await open();
      const headers = type === undefined ? {} : { 'content-type': type };
      const answer = await app.inject({ method: 'POST', url, headers, payload: '{"keys":["Tom"]}' });
      expect(answer.statusCode).toBe(415);
      expect(errorOf(answer).code).toBe(100009);
    },
  );

  test('of an unknown group is 404', async () => {
    const { app } = await open();
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/groups/tset/batch-get',
      payload: { keys: ['Tom'] },
    });
    expect(errorOf(answer).code).toBe(100602);
  });

  test('of a group with a long name is answered', async () => {
    const name = 'g'.repeat(128);
    const { group } = await open();
    const { app } = await open({ groups: new Map([[name, group]]), defaultGroup: name });
    const ask = (asked: string) =>
      app.inject({ method: 'POST', url: `/v1/groups/${asked}/batch-get`, payload: { keys: ['Tom'] } });
    expect((await ask(name)).json()).toMatchObject({ values: { Tom: '630' } });
    expect(errorOf(await ask(`${name}g`)).code).toBe(100602);
  });
});

describe('the node', () => {
  test('GET /v1/cluster tells its members and groups', async () => {
    const { app, group } = await open();
    await group.get('Tom');
    expect((await app.inject('/v1/cluster')).json()).toEqual({
      self: SELF,
      placement: 'balanced',
      members: [{ id: SELF, weight: 1, isSelf: true }],
      groups: [
        {
          name: 'test',
          stats: expect.objectContaining({ gets: 1, loads: 1, entries: 1, maxBytes: 200 * MiB }),
        },
        { name: 'other', stats: expect.objectContaining({ gets: 0 }) },
      ],
    });
  });

  test.each(['/v1/cluster', '/healthz', '/readyz'])('GET %s takes no parameters', async (path) => {
    const { app } = await open();
    const answer = await app.inject(`${path}?a=1`);
    expect(answer.statusCode).toBe(400);
    expect(errorOf(answer).message).toBe('unknown parameter "a"; this path takes none');
  });

  test('/healthz answers while the process lives, /readyz while clients may come', async () => {
    let isReady = false;
    const { app } = await open({ isReady: () => isReady });
    expect((await app.inject('/healthz')).json()).toEqual({ status: 'ok' });
    const before = await app.inject('/readyz');
    expect(before.statusCode).toBe(503);
    expect(before.headers['retry-after']).toBe('1');
    expect(errorOf(before).code).toBe(100608);
    isReady = true;
    expect((await app.inject('/readyz')).json()).toEqual({ status: 'ready' });
  });
});

describe('errors of the cache', () => {
  test('an origin that was slower than its source allows is 504, like one that the group gave up on', async () => {
    const late = new LoadError('load_timeout', 'http://origin: no complete answer within 60 ms');
    const { app } = await open({ load: () => Promise.reject(late) });
    const answer = await app.inject('/api?key=Tom');
    expect(answer.statusCode).toBe(504);
    expect(errorOf(answer).code).toBe(100604);
  });

  test('a key that the source refuses is 400', async () => {
    const refusal = new InvalidKeyError('".." cannot stand in a path');
    const { app } = await open({ load: () => Promise.reject(refusal) });
    const answer = await app.inject('/api?key=..');
    expect(answer.statusCode).toBe(400);
    expect(errorOf(answer)).toMatchObject({
      code: 100003,
      message: expect.stringContaining('cannot stand in a path'),
    });
  });

  test.each([
    ['GET', '/api?key=Tom'],
    ['POST', '/v1/groups/test/batch-get'],
  ] as const)('%s %s waits for 55 s and no longer', async (method, url) => {
    const clock = createFakeClock();
    const group = { loadTimeoutMs: 600_000 };
    const { app } = await open({ clock, group, load: () => new Promise(() => {}) });
    const payload = method === 'POST' ? { payload: { keys: ['Tom'] } } : {};
    let answer: Awaited<ReturnType<typeof app.inject>> | undefined;
    const answered = app.inject({ method, url, ...payload }).then((response) => {
      answer = response;
    });
    await expect.poll(() => clock.pendingTimers).toBe(2);
    await clock.advance(54_999);
    await new Promise(setImmediate);
    expect(answer).toBeUndefined();
    await clock.advance(1);
    await answered;
    expect(answer?.statusCode).toBe(504);
    expect(answer && errorOf(answer)).toMatchObject({ code: 100605 });
  });

  test('a loader that fails is 500 with its message', async () => {
    const { app } = await open({
      load: () => {
        throw new Error('no such table: scores');
      },
    });
    const answer = await app.inject('/api?key=Tom');
    expect(answer.statusCode).toBe(500);
    expect(errorOf(answer)).toMatchObject({
      code: 100101,
      message: expect.stringContaining('no such table: scores'),
    });
  });

  test('a loader that gives no bytes is 500', async () => {
    const { app } = await open({ load: (() => 630) as unknown as Load });
    const answer = await app.inject('/api?key=Tom');
    expect(answer.statusCode).toBe(500);
    expect(errorOf(answer).code).toBe(100301);
  });

  test('a loader that hangs is 504', async () => {
    const { app } = await open({ load: () => new Promise(() => {}), group: { loadTimeoutMs: 20 } });
    const answer = await app.inject('/api?key=Tom');
    expect(answer.statusCode).toBe(504);
    expect(errorOf(answer).code).toBe(100604);
  });

  test('a full queue is 503 with the time to come back', async () => {
    const release = Promise.withResolvers<undefined>();
    const { app } = await open({
      load: () => release.promise,
      group: { maxConcurrentLoads: 1, maxQueuedLoads: 0 },
    });
    const first = app.inject('/api?key=Tom').then((answer) => answer.statusCode);
    await Promise.resolve(app.ready());
    const second = await app.inject('/api?key=Jack');
    expect(second.statusCode).toBe(503);
    expect(second.headers['retry-after']).toBe('1');
    expect(errorOf(second).code).toBe(100603);
    release.resolve(undefined);
    expect(await first).toBe(404);
  });

  test('a node that has been stopped is 503', async () => {
    const { app, cache } = await open();
    await cache.stop();
    const answer = await app.inject('/api?key=Tom');
    expect(answer.statusCode).toBe(503);
    expect(errorOf(answer).code).toBe(100607);
  });

  test.each([
    [new InvalidationError(['http://127.0.0.1:8002']), 503, 100606, 'http://127.0.0.1:8002'],
    [new InvalidValueError('value of "Tom": too large'), 413, 100008, 'too large'],
    [new TypeError('secret detail'), 500, 100002, 'internal server error; the log has it under req-'],
  ])('a write that fails with %s is answered so', async (error, status, code, message) => {
    const failing = { set: () => Promise.reject(error) } as unknown as Group<ByteView>;
    const { app } = await open({ groups: new Map([['test', failing]]) });
    const answer = await app.inject({ method: 'PUT', url: '/v1/groups/test/keys/Tom', payload: 'x' });
    expect(answer.statusCode).toBe(status);
    expect(errorOf(answer).code).toBe(code);
    expect(errorOf(answer).message).toContain(message);
    expect(answer.body).not.toContain('secret');
  });
});

describe('requests that are none', () => {
  test.each([
    '/',
    '/apis',
    '/api/',
    '/v1/groups/test',
    '/v1/groups/test/keys',
    '/v1/groups/a/b/keys/c',
    '/v2/cluster',
  ])('the path %s is 404', async (url) => {
    const { app } = await open();
    const answer = await app.inject(url);
    expect(answer.statusCode).toBe(404);
    expect(errorOf(answer)).toMatchObject({ code: 100004, message: `there is no GET ${url}` });
  });

  test.each([
    ['POST', '/api', 'GET, HEAD'],
    ['PUT', '/cache/api', 'GET, HEAD'],
    ['POST', '/v1/groups/test/keys/Tom', 'GET, PUT, DELETE, HEAD'],
    ['OPTIONS', '/v1/groups/test/keys/%ff', 'GET, PUT, DELETE, HEAD'],
    ['GET', '/v1/groups/test/batch-get', 'POST'],
    ['HEAD', '/v1/groups/test/batch-get', 'POST'],
    ['DELETE', '/v1/cluster', 'GET, HEAD'],
    ['PATCH', '/healthz', 'GET, HEAD'],
    ['POST', '/readyz', 'GET, HEAD'],
    ['PROPFIND', '/api', 'GET, HEAD'],
    ['QUERY', '/v1/groups/test/keys/Tom', 'GET, PUT, DELETE, HEAD'],
  ] as const)('%s %s is 405', async (method, path, allow) => {
    const { call } = await listen();
    const answer = await call(path, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe(allow);
    if (method !== 'HEAD') expect(errorOf(answer).code).toBe(100007);
  });

  test('a path that cannot be decoded is 400', async () => {
    const { call } = await listen();
    const answer = await call('/%ff');
    expect(answer.status).toBe(400);
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect(errorOf(answer).code).toBe(100003);
  });

  test('nonsense is 400, and has one body', async () => {
    const { port } = await listen();
    const answer = await raw(port, 'nonsense\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(errorOf({ body: answer.split('\r\n\r\n')[1] ?? '' }).code).toBe(100003);
  });

  test('headers of nearly 1 MiB are read, larger ones are 431', async () => {
    const { port } = await listen();
    const requestOf = (length: number) =>
      `GET /api?key=Tom HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Filler: ${'x'.repeat(length)}\r\n\r\n`;
    expect(await raw(port, requestOf(MiB - 1024))).toMatch(/^HTTP\/1\.1 200 /);
    const answer = await raw(port, requestOf(MiB + 1024));
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(errorOf({ body: answer.split('\r\n\r\n')[1] ?? '' }).code).toBe(100010);
  });

  test('the sockets have the time-outs that the documentation gives', async () => {
    const { app } = await listen();
    const { requestTimeout, timeout, keepAliveTimeout } = app.server;
    expect({ requestTimeout, timeout, keepAliveTimeout }).toEqual({
      requestTimeout: 60_000,
      timeout: 60_000,
      keepAliveTimeout: 60_000,
    });
  });
});

describe('a client that leaves', () => {
  test.each([
    ['a get', 'GET', '/v1/groups/test/keys/Tom', ''],
    ['a batch', 'POST', '/v1/groups/test/batch-get', '{"keys":["Tom"]}'],
  ])('ends the load that it alone waited for: %s', async (_, method, path, body) => {
    const loading = Promise.withResolvers<AbortSignal>();
    const { log, lines } = recordingLog('warn');
    const { port } = await listen({
      log,
      // So that nothing but the client's leaving can end it within the test.
      group: { loadTimeoutMs: 600_000 },
      load: (_key, { signal }) => {
        loading.resolve(signal);
        return new Promise(() => {});
      },
    });
    const headers = { 'content-type': 'application/json' };
    const request = httpRequest({ host: '127.0.0.1', port, method, path, headers });
    request.on('error', () => {});
    request.end(body);
    const signal = await loading.promise;
    const aborted = once(signal, 'abort');
    expect(signal.aborted).toBe(false);
    request.destroy();
    await aborted;
    expect(signal.reason).toMatchObject({ message: 'the client has gone' });
    await new Promise(setImmediate);
    expect(lines).toEqual([]);
  });
});

describe('the log', () => {
  test('tells a failure that repeats once in ten seconds, in a line without a stack', async () => {
    const clock = createFakeClock();
    const { log, lines } = recordingLog();
    const load: Load = () => {
      throw new Error('no connection');
    };
    const { app } = await open({ clock, log, load });
    for (let request = 0; request < 5; request++) await app.inject('/api?key=Tom');
    await clock.advance(9_999);
    await app.inject('/api?key=Tom');
    await clock.advance(1);
    await app.inject('/api?key=Tom');
    const reason = 'load of "Tom" in group "test": no connection';
    const line = { level: 40, reason, code: 100101, msg: 'request failed' };
    expect(lines).toEqual([line, { ...line, more: 5 }]);
  });

  test('tells every error that nobody expected, with its stack', async () => {
    const failing = { set: () => Promise.reject(new TypeError('boom')) } as unknown as Group<ByteView>;
    const { log, lines } = recordingLog();
    const { app } = await open({ groups: new Map([['test', failing]]), log });
    for (let request = 0; request < 2; request++) {
      await app.inject({ method: 'PUT', url: '/v1/groups/test/keys/Tom', payload: 'x' });
    }
    const line = { level: 50, code: 100002, err: { message: 'boom', stack: expect.any(String) } };
    expect(lines).toMatchObject([line, line]);
  });

  test('tells nothing of what clients did wrong', async () => {
    const { log, lines } = recordingLog();
    const { app } = await open({ log });
    for (const path of ['/api', '/nope', '/api?key=Tim']) await app.inject(path);
    expect(lines).toEqual([]);
  });
});

describe('CORS', () => {
  const origin = 'https://console.test';
  const preflight = {
    method: 'OPTIONS',
    url: '/v1/groups/test/keys/Tom',
    headers: { origin, 'access-control-request-method': 'PUT' },
  } as const;

  test('is off without origins', async () => {
    const { app } = await open();
    const answer = await app.inject({ url: '/api?key=Tom', headers: { origin } });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    expect((await app.inject(preflight)).statusCode).toBe(405);
  });

  test('lets the listed origins in, with credentials where they are allowed', async () => {
    const { app } = await open({ cors: { origins: [origin], credentials: true } });
    const answer = await app.inject(preflight);
    expect(answer.statusCode).toBe(204);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, HEAD, PUT, POST, DELETE',
      'access-control-allow-headers': 'Authorization, Content-Type',
      'access-control-max-age': '43200',
      vary: 'Origin',
    });
    const read = await app.inject({ url: '/api?key=Tim', headers: { origin } });
    expect(read.statusCode).toBe(404);
    expect(read.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-expose-headers': 'Age, Cache-Status, Retry-After',
    });
  });

  test('keeps other origins out', async () => {
    const { app } = await open({ cors: { origins: [origin], credentials: false } });
    const answer = await app.inject({
      ...preflight,
      headers: { ...preflight.headers, origin: 'https://other.test' },
    });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });

  test('lets everyone in with *, but never with credentials', async () => {
    const { app } = await open({ cors: { origins: ['*'], credentials: false } });
    const answer = await app.inject({ url: '/api?key=Tom', headers: { origin } });
    expect(answer.headers['access-control-allow-origin']).toBe('*');
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
    await expect(open({ cors: { origins: [origin, '*'], credentials: true } })).rejects.toThrow(ConfigError);
  });
});

test('a default group that is not there is a ConfigError', async () => {
  await expect(open({ defaultGroup: 'tset' })).rejects.toThrow(ConfigError);
});

test('requests are logged at debug, without what is secret in them', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => lines.push(line) });
  const { app } = await open({ log, token: 's3cret' });
  const headers = { authorization: 'Bearer s3cret' };
  await app.inject({ method: 'PUT', url: '/v1/groups/test/keys/Tom', payload: 'x', headers });
  const answered = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'request answered');
  expect(answered).toEqual([
    expect.objectContaining({ level: 20, method: 'PUT', url: '/v1/groups/test/keys/Tom', status: 204 }),
  ]);
  expect(String(answered[0].durationMs)).toMatch(/^\d+(\.\d)?$/);
  expect(lines.join('')).not.toContain('s3cret');
});
