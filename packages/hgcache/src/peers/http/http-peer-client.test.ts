// Asking peers of every kind over HTTP, the broken ones among them.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ByteView } from '../../byte-view.ts';
import { LoadError, PeerError } from '../../errors.ts';
import { keyFromBytes } from '../../key.ts';
import type { Member } from '../../member.ts';
import { freePort } from '../../testing/free-port.ts';
import type { PeerHandler, PeerTransport } from '../peer-transport.ts';
import { createHttpTransport, type HttpTransportOptions } from './http-transport.ts';
import { decodeSetRequest, encodeGetResponse } from './wire.ts';

const CALL = { timeoutMs: 3_000 };
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function asker(options: HttpTransportOptions = {}): PeerTransport {
  const transport = createHttpTransport(options);
  closers.push(() => transport.stop(0));
  return transport;
}

/** A peer that says `answers[n]` to the nth request, whatever it is; a function does as it likes. */
async function rawPeer(...answers: (string | ((socket: Socket) => void))[]): Promise<Member> {
  let requests = 0;
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => {
      const answer = answers[Math.min(requests++, answers.length - 1)];
      if (typeof answer === 'function') answer(socket);
      else socket.write(answer ?? '', 'latin1');
    });
    closers.push(async () => void socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => void server.close());
  return { id: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** A peer that accepts no connection: its thread sleeps, and the queue in front of it is full. */
async function deafPeer(): Promise<Member> {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
     const server = require('node:net').createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
       parentPort.postMessage(server.address().port);
       setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
     });`,
    { eval: true },
  );
  closers.push(() => worker.terminate());
  const [port] = (await once(worker, 'message')) as [number];
  for (let isQueued = true; isQueued; ) {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    closers.push(async () => void socket.destroy());
    isQueued = await Promise.race([once(socket, 'connect').then(() => true), delay(100, false)]);
  }
  return { id: `http://127.0.0.1:${port}` };
}

/** A server of one's own; it is closed again. */
async function serve(onRequest: RequestListener, port = 0): Promise<Member> {
  const server = createServer(onRequest);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  closers.push(async () => {
    server.close();
    server.closeAllConnections();
  });
  return { id: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly body: Buffer;
}

type Reply = readonly [status: number, body: string | Uint8Array, contentType?: string];

/** A peer that is no HgCache node. */
async function foreignPeer(reply: (asked: Asked) => Reply): Promise<{ peer: Member; asked: Asked[] }> {
  const asked: Asked[] = [];
  const peer = await serve(async (request, response) => {
    const one = { method: request.method, url: request.url, body: await bodyOf(request) };
    asked.push(one);
    const [status, body, contentType = 'text/plain'] = reply(one);
    response.writeHead(status, { 'content-type': contentType }).end(body);
  });
  return { peer, asked };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function nodePeer(script: Partial<PeerHandler>, port?: number, options: HttpTransportOptions = {}) {
  const transport = createHttpTransport(options);
  const self = { id: `http://127.0.0.1:${port ?? (await freePort())}` };
  await transport.start(self, script as PeerHandler);
  closers.push(() => transport.stop(0));
  return { transport, peer: self };
}

function found(value: string): Reply {
  return [200, encodeGetResponse({ value: ByteView.from(value), expiresAtMs: 0 }), 'application/x-protobuf'];
}

const methodsAndPaths = (asked: readonly Asked[]): string[] =>
  asked.map(({ method, url }) => `${method} ${url}`);

async function errorOf(call: Promise<unknown>): Promise<Error> {
  return call.then(
    (value) => new Error(`resolved with ${String(value)}`),
    (error: Error) => error,
  );
}

describe('a peer that misbehaves is a PeerError: one that', () => {
  const ok = (body: string, more = ''): string =>
    `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n${more}\r\n${body}`;

  test.each<[string, string | ((socket: Socket) => void), string]>([
    ['closes without an answer', (socket) => socket.end(), 'socket hang up'],
    ['resets the connection', (socket) => socket.resetAndDestroy(), ''],
    ['closes in mid-header', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-le'), ''],
    [
      'closes in mid-answer',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n\n\x03'),
      'mid-answer',
    ],
    [
      'closes in mid-chunk',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\n\n\x03'),
      'mid-answer',
    ],
    ['answers no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', 'Parse Error'],
    [
      'answers two lengths',
      'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
      'Parse Error',
    ],
    ['answers a header without end', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(99_999)}`, 'overflow'],
    ['switches protocols', 'HTTP/1.1 101 Switching\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n', ''],
    ['answers a truncated message', ok('\n\x05hi'), 'makes no sense'],
    ['answers text', ok('<html>'), 'makes no sense'],
    ['redirects', 'HTTP/1.1 301 Moved\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n', 'answered 301'],
    ['has nothing to say', 'HTTP/1.1 204 No Content\r\n\r\n', 'answered 204'],
    [
      'fails without a reason',
      'HTTP/1.1 500 Oops\r\nhgcache: 1\r\ncontent-length: 0\r\n\r\n',
      'without a reason',
    ],
    ['never answers', () => {}, 'no answer within 150 ms'],
    ['never ends its answer', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n\n', 'no answer within 150 ms'],
  ])('%s', async (_, answer, words) => {
    const peer = await rawPeer(answer);
    const error = await errorOf(asker().get(peer, 'users', 'Tom', { timeoutMs: 150 }));
    expect(error).toBeInstanceOf(PeerError);
    expect(error).toMatchObject({ peer: peer.id, code: 'peer_failed' });
    expect(error.message).toContain(words);
  });

  test('answers more than the limit, announced or not; the limit itself is fine', async () => {
    const value = '\n\x03630';
    const chunked = `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n${value}\r\n`;
    const options = { maxBodyBytes: value.length };
    for (const answer of [ok(value), `${chunked}0\r\n\r\n`]) {
      const fits = await asker(options).get(await rawPeer(answer), 'users', 'Tom', CALL);
      expect(fits?.value.toString()).toBe('630');
    }
    for (const answer of [
      ok(`${value}!`),
      `${chunked}1\r\n!\r\n`,
      ok('').replace('length: 0', 'length: 99999999999'),
    ]) {
      const error = await errorOf(asker(options).get(await rawPeer(answer), 'users', 'Tom', CALL));
      expect(error).toBeInstanceOf(PeerError);
      expect(error.message).toContain('longer than 5 bytes');
    }
  });

  test('fails at length: the message has so much of it as is of use', async () => {
    const page = `no${' way'.repeat(1_000_000)}`;
    const peer = await rawPeer(
      ok(page, 'hgcache: 1\r\nhgcache-error: load_failed\r\n').replace('200', '500'),
    );
    const error = await errorOf(asker().get(peer, 'users', 'Tom', CALL));
    expect(error).toBeInstanceOf(LoadError);
    expect(error.message).toBe(page.slice(0, 1_024));
  });

  test('has an address that makes no sense', async () => {
    const error = await errorOf(asker().get({ id: 'node-1' }, 'users', 'Tom', CALL));
    expect(error).toBeInstanceOf(PeerError);
    expect(error.message).toBe('peer node-1: "node-1" is not an address for HTTP, e.g. http://10.0.0.1:8001');
  });

  test('answers to many keys with the wrong number of outcomes', async () => {
    const head = 'hgcache: 1\r\n';
    const peer = await rawPeer(ok('', head), ok('\0', head));
    const error = await errorOf(asker().getMany(peer, 'users', ['Tom', 'Sam'], CALL));
    expect(error).toBeInstanceOf(PeerError);
  });
});

describe('a connection', () => {
  test('that was kept alive and is dead is replaced once, unseen', async () => {
    let connections = 0;
    const answers = new Map<Socket, number>();
    const peer = await rawPeer((socket) => {
      const served = answers.get(socket) ?? 0;
      if (served === 0) connections++;
      answers.set(socket, served + 1);
      // The first request on each connection is answered, the second finds it dead.
      if (served === 0) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n\n\x03630');
      else socket.resetAndDestroy();
    });
    const transport = asker();
    for (let round = 1; round <= 4; round++) {
      const value = await transport.get(peer, 'users', 'Tom', CALL);
      expect(value?.value.toString()).toBe('630');
    }
    expect(connections).toBeGreaterThan(1);
  });

  test('that dies after part of the answer is not tried again', async () => {
    let requests = 0;
    const peer = await rawPeer('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n\n\x03630', (socket) => {
      requests++;
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n\n');
    });
    const transport = asker();
    await transport.get(peer, 'users', 'Tom', CALL);
    const error = await errorOf(transport.get(peer, 'users', 'Tom', CALL));
    expect(error.message).toContain('mid-answer');
    expect(requests).toBe(1);
  });

  test('that does not come about in time is given up', async () => {
    const peer = await deafPeer();
    const startedMs = performance.now();
    const error = await errorOf(asker({ connectTimeoutMs: 60 }).get(peer, 'users', 'Tom', CALL));
    expect(error).toBeInstanceOf(PeerError);
    expect(error.message).toContain('no connection within 60 ms');
    expect(performance.now() - startedMs).toBeLessThan(1_000);
  });

  test('is one of as many as the limit says, and they are used again', async () => {
    const sockets = new Set<unknown>();
    let atOnce = 0;
    let most = 0;
    const server = createServer((request, response) => {
      sockets.add(request.socket);
      most = Math.max(most, ++atOnce);
      setTimeout(() => {
        atOnce--;
        const [status, body] = found('1');
        response.writeHead(status).end(body);
      }, 5);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(async () => void server.close());
    const peer = { id: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
    const transport = asker({ maxConnectionsPerPeer: 3 });
    for (let round = 0; round < 2; round++) {
      await Promise.all(Array.from({ length: 9 }, () => transport.get(peer, 'users', 'Tom', CALL)));
    }
    expect(most).toBe(3);
    expect(sockets.size).toBe(3);
  });

  test('for a change is there while slow loads occupy all those for gets', async () => {
    const seen: unknown[] = [];
    let waiting = Promise.withResolvers<void>();
    const { peer } = await nodePeer({
      get: async (_, key) => {
        if (key === '2') waiting.resolve();
        return new Promise(() => {});
      },
      set: async (_, key) => void seen.push(['set', key]),
      remove: async (_, keys) => void seen.push(['remove', ...keys]),
      clear: async () => void seen.push(['clear']),
    });
    // A transport for each, so that each has to find out who the peer is.
    const changes: ((transport: PeerTransport) => Promise<void>)[] = [
      (transport) => transport.set(peer, 'users', 'Tom', ByteView.from('1'), 0, CALL),
      (transport) => transport.remove(peer, 'users', ['Tom'], CALL),
      (transport) => transport.remove(peer, 'users', ['Tom', 'Sam'], CALL),
      (transport) => transport.clear(peer, 'users', CALL),
    ];
    for (const change of changes) {
      waiting = Promise.withResolvers<void>();
      const transport = asker({ maxConnectionsPerPeer: 2 });
      const ends = new AbortController();
      const gets = ['1', '2', '3'].map((key) =>
        transport.get(peer, 'users', key, { ...CALL, signal: ends.signal }).catch(() => undefined),
      );
      await waiting.promise;
      await change(transport);
      ends.abort();
      await Promise.all(gets);
    }
    expect(seen).toEqual([['set', 'Tom'], ['remove', 'Tom'], ['remove', 'Tom', 'Sam'], ['clear']]);
  });

  test('for changes is one of eight', async () => {
    let atOnce = 0;
    let most = 0;
    const { peer } = await nodePeer({
      remove: async () => {
        most = Math.max(most, ++atOnce);
        await delay(5);
        atOnce--;
      },
    });
    const transport = asker();
    await Promise.all(Array.from({ length: 30 }, () => transport.remove(peer, 'users', ['Tom'], CALL)));
    expect(most).toBe(8);
  });

  test('leaves no timer behind, neither with an answer nor without', async () => {
    const { peer } = await nodePeer({ get: async () => undefined });
    const transport = asker();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      await transport.get(peer, 'users', 'Tom', CALL);
      expect(vi.getTimerCount()).toBe(0);
      const caller = new AbortController();
      const answer = transport.get(peer, 'users', 'Tom', { ...CALL, signal: caller.signal });
      expect(vi.getTimerCount()).toBe(1);
      caller.abort();
      await errorOf(answer);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test('leaves no listener on the signals of its callers', async () => {
    const { peer } = await nodePeer({ get: async () => undefined });
    const caller = new AbortController();
    let listening = 0;
    const { signal } = caller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listening++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listening--;
      remove(...args);
    };
    await asker().get(peer, 'users', 'Tom', { ...CALL, signal });
    expect(listening).toBe(0);
  });
});

describe('a node of golang/groupcache', () => {
  test('is asked key by key, and its keys are escaped so that nothing is lost', async () => {
    const { peer, asked } = await foreignPeer(({ url }) =>
      url === '/_groupcache/'
        ? [400, 'bad request']
        : url?.endsWith('none')
          ? [500, 'no such user']
          : found(url ?? ''),
    );
    const keys = ['a b', 'a+b', '..', '//', '%', keyFromBytes(Uint8Array.of(0xff)), 'none'];
    const outcomes = await asker().getMany(peer, 'users', keys, CALL);
    expect(methodsAndPaths(asked).sort()).toEqual(
      [
        '',
        'users/%25',
        'users/%2E%2E',
        'users/%2F%2F',
        'users/%FF',
        'users/a%20b',
        'users/a%2Bb',
        'users/none',
      ].map((path) => `GET /_groupcache/${path}`),
    );
    expect(outcomes.slice(0, 6).map(({ value }) => value?.value.toString())).toEqual(
      ['a%20b', 'a%2Bb', '%2E%2E', '%2F%2F', '%25', '%FF'].map((path) => `/_groupcache/users/${path}`),
    );
    expect(outcomes[6]?.error).toBeInstanceOf(PeerError);
    expect(outcomes[6]?.error?.message).toContain('answered 500: no such user');
  });

  test('fails a get with whatever is not 200, so that the key is loaded here', async () => {
    const { peer } = await foreignPeer(({ url }) => [Number(url?.slice(-3)), 'oops']);
    for (const status of ['201', '400', '404', '500', '503']) {
      expect(await errorOf(asker().get(peer, 'users', status, CALL))).toBeInstanceOf(PeerError);
    }
  });

  test('fails a getMany as a whole only when every key failed', async () => {
    const { peer } = await foreignPeer(() => [500, 'oops']);
    expect(await errorOf(asker().getMany(peer, 'users', ['a', 'b'], CALL))).toBeInstanceOf(PeerError);
    expect(await asker().getMany(peer, 'users', [], CALL)).toEqual([]);
  });

  test('is never told to set or remove, which it would take for a get', async () => {
    const { peer, asked } = await foreignPeer(({ url }) =>
      url === '/_groupcache/' ? [400, 'bad'] : found('1'),
    );
    const transport = asker();
    const calls = [
      () => transport.set(peer, 'users', 'Tom', ByteView.from('1'), 0, CALL),
      () => transport.remove(peer, 'users', ['Tom'], CALL),
      () => transport.remove(peer, 'users', ['Tom', 'Sam'], CALL),
      () => transport.clear(peer, 'users', CALL),
    ];
    for (const call of calls) expect(await errorOf(call())).toBeInstanceOf(PeerError);
    expect(new Set(methodsAndPaths(asked))).toEqual(new Set(['GET /_groupcache/']));
  });
});

describe('a node of the groupcache-go dialect', () => {
  const options = { dialect: 'groupcache-go' } as const;

  test('knows not found and a failed load as final, and nothing else', async () => {
    const { peer } = await foreignPeer(({ url }) => [Number(url?.slice(-3)), 'oops\n']);
    const transport = asker(options);
    expect(await transport.get(peer, 'users', '404', CALL)).toBeUndefined();
    const failed = await errorOf(transport.get(peer, 'users', '503', CALL));
    expect(failed).toBeInstanceOf(LoadError);
    expect(failed.message).toBe('oops');
    for (const status of ['204', '400', '405', '421', '500']) {
      expect(await errorOf(transport.get(peer, 'users', status, CALL))).toBeInstanceOf(PeerError);
    }
  });

  test('is told to set and to remove, and must say exactly 200', async () => {
    const { peer, asked } = await foreignPeer(({ url }) => [url?.endsWith('odd') ? 204 : 200, '']);
    const transport = asker(options);
    await transport.set(peer, 'users', 'a b', ByteView.from('630'), 5, CALL);
    await transport.remove(peer, 'users', ['a b'], CALL);
    expect(methodsAndPaths(asked)).toEqual([
      'PUT /_groupcache/users/a%20b',
      'DELETE /_groupcache/users/a%20b',
    ]);
    const { key, value, expiresAtMs, group } = decodeSetRequest(asked[0]?.body ?? Buffer.alloc(0));
    expect([group, Buffer.from(key).toString(), value.toString(), expiresAtMs]).toEqual([
      'users',
      'a b',
      '630',
      5,
    ]);
    expect(await errorOf(transport.remove(peer, 'users', ['odd'], CALL))).toBeInstanceOf(PeerError);
    expect(await errorOf(transport.set(peer, 'users', 'odd', ByteView.from(''), 0, CALL))).toBeInstanceOf(
      PeerError,
    );
    expect(await errorOf(transport.clear(peer, 'users', CALL))).toBeInstanceOf(PeerError);
  });

  test('removes many keys at once where it can (groupcache-go)', async () => {
    const { peer, asked } = await foreignPeer(({ url }) => [url === '/_groupcache/' ? 400 : 200, '']);
    const transport = asker(options);
    await transport.remove(peer, 'users', ['Tom', 'a+b'], CALL);
    expect(methodsAndPaths(asked)).toEqual(['GET /_groupcache/', 'POST /_groupcache/users/_remove-keys/']);
    expect(JSON.parse(asked[1]?.body.toString() ?? '')).toEqual({ group: 'users', keys: ['Tom', 'a+b'] });
    // What JSON cannot carry goes one by one.
    await transport.remove(peer, 'users', ['Tom', keyFromBytes(Uint8Array.of(0xff))], CALL);
    expect(methodsAndPaths(asked).slice(2).sort()).toEqual([
      'DELETE /_groupcache/users/%FF',
      'DELETE /_groupcache/users/Tom',
    ]);
  });

  test('removes many keys one by one where it must (mailgun/groupcache), and that is remembered', async () => {
    // To mailgun/groupcache the POST is a get of a key, which its loader may even find.
    const { peer, asked } = await foreignPeer(({ method, url }) =>
      url === '/_groupcache/' ? [400, ''] : method === 'POST' ? found('1') : [200, ''],
    );
    const transport = asker(options);
    await transport.remove(peer, 'users', ['Tom', 'Sam'], CALL);
    await transport.remove(peer, 'users', ['Tom', 'Sam'], CALL);
    const single = ['DELETE /_groupcache/users/Sam', 'DELETE /_groupcache/users/Tom'];
    expect(methodsAndPaths(asked).sort()).toEqual(
      [...single, ...single, 'GET /_groupcache/', 'POST /_groupcache/users/_remove-keys/'].sort(),
    );
  });
});

describe('an HgCache node', () => {
  test('is recognised in either dialect, and asked for many keys in one request', async () => {
    for (const dialect of ['groupcache', 'groupcache-go'] as const) {
      let requests = 0;
      const { peer } = await nodePeer({
        getMany: async (_, keys) => {
          requests++;
          return keys.map(() => ({}));
        },
      });
      await asker({ dialect }).getMany(peer, 'users', ['a', 'b', 'c'], CALL);
      expect(requests).toBe(1);
    }
  });

  test('that defers what does not fit into one answer is asked for it alone', async () => {
    const large = { value: ByteView.from('x'.repeat(600)), expiresAtMs: 0, ageMs: 0 };
    const gets: string[] = [];
    const { peer } = await nodePeer(
      {
        getMany: async (_, keys) => keys.map(() => ({ value: large })),
        get: async (_, key) => {
          gets.push(key);
          return { ...large, value: ByteView.from(key.repeat(600)) };
        },
      },
      undefined,
      { maxBodyBytes: 1_000 },
    );
    const outcomes = await asker({ maxBodyBytes: 1_000 }).getMany(peer, 'users', ['a', 'b', 'c'], CALL);
    expect(gets.sort()).toEqual(['b', 'c']);
    expect(outcomes.map(({ value }) => value?.value.toString().slice(0, 2))).toEqual(['xx', 'bb', 'cc']);
  });

  test('takes more keys than one request may have, in several', async () => {
    const counts: number[] = [];
    const { peer } = await nodePeer({
      getMany: async (_, keys) => {
        counts.push(keys.length);
        return keys.map((_key, index) => ({ value: { ...none, ageMs: index } }));
      },
      remove: async (_, keys) => void counts.push(keys.length),
    });
    const none = { value: ByteView.from(''), expiresAtMs: 0, ageMs: 0 };
    const keys = Array.from({ length: 10_001 }, (_, index) => String(index));
    const transport = asker();
    const outcomes = await transport.getMany(peer, 'users', keys, { timeoutMs: 20_000 });
    await transport.remove(peer, 'users', keys, { timeoutMs: 20_000 });
    expect(counts).toEqual([10_000, 1, 10_000, 1]);
    expect([outcomes.length, outcomes[9_999]?.value?.ageMs, outcomes[10_000]?.value?.ageMs]).toEqual([
      10_001, 9_999, 0,
    ]);
  });

  test('may take over the address of another peer, and the other way round', async () => {
    const port = await freePort();
    const transport = asker();
    const node = await nodePeer(
      { getMany: async (_, keys) => keys.map(() => ({})), remove: async () => {} },
      port,
    );
    expect(await transport.getMany(node.peer, 'users', ['a', 'b'], CALL)).toEqual([{}, {}]);
    await transport.remove(node.peer, 'users', ['a'], CALL);
    await node.transport.stop(0);

    const server = createServer((_request, response) => {
      const [status, body] = found('from Go');
      response.writeHead(status).end(body);
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const outcomes = await transport.getMany(node.peer, 'users', ['a', 'b'], CALL);
    expect(outcomes.map(({ value }) => value?.value.toString())).toEqual(['from Go', 'from Go']);
    expect(await errorOf(transport.remove(node.peer, 'users', ['a'], CALL))).toBeInstanceOf(PeerError);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));

    let removed = 0;
    await nodePeer({ remove: async () => void removed++ }, port);
    await transport.remove(node.peer, 'users', ['a'], CALL);
    expect(removed).toBe(1);
  });

  test('that was there before is no reason to change anything at golang/groupcache, which is there now', async () => {
    const port = await freePort();
    const transport = asker();
    const node = await nodePeer({ remove: async () => {} }, port);
    await transport.remove(node.peer, 'users', ['a'], CALL);
    await node.transport.stop(0);
    // Nobody is there: whoever comes next may be somebody else.
    expect(await errorOf(transport.get(node.peer, 'users', 'a', CALL))).toBeInstanceOf(PeerError);

    const asked: string[] = [];
    await serve((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const [status, body] = found('from Go');
      response.writeHead(status).end(body);
    }, port);
    expect(await errorOf(transport.remove(node.peer, 'users', ['a'], CALL))).toBeInstanceOf(PeerError);
    await transport.getMany(node.peer, 'users', ['a'], CALL);
    expect(new Set(asked)).toEqual(new Set(['GET /_groupcache/', 'GET /_groupcache/users/a']));
  });

  test('is remembered among 4,096 peers, and asked anew after that', async () => {
    let probes = 0;
    const peer = await serve((request, response) => {
      if (request.method === 'GET') probes++;
      response.writeHead(200, { hgcache: '1' }).end();
    });
    const transport = asker();
    const clear = (): Promise<void> => transport.clear(peer, 'users', CALL);
    // Enough to be remembered, and nothing goes over the network.
    const meet = (path: string): Promise<Error> =>
      errorOf(
        transport.get({ id: `${peer.id}/${path}` }, 'users', 'a', { ...CALL, signal: AbortSignal.abort() }),
      );
    await clear();
    for (let other = 1; other < 4_096; other++) await meet(String(other));
    await clear();
    expect(probes).toBe(1);
    await meet('one-too-many');
    await clear();
    expect(probes).toBe(2);
  });

  test('says how long a value may be served, and is told so, as its clock may be another', async () => {
    const minuteMs = 60_000;
    const longAgo = { value: ByteView.from('630'), expiresAtMs: Date.now() - minuteMs };
    let ttl: string | undefined;
    const peer = await serve((request, response) => {
      if (request.method === 'PUT') ttl = request.headers['hgcache-ttl-ms'] as string | undefined;
      response.writeHead(200, { hgcache: '1', 'hgcache-ttl-ms': String(minuteMs) });
      response.end(request.method === 'GET' ? encodeGetResponse(longAgo) : undefined);
    });
    const transport = asker();
    const got = await transport.get(peer, 'users', 'Tom', CALL);
    expect(got?.expiresAtMs).toBeGreaterThan(Date.now() + minuteMs / 2);
    await transport.set(peer, 'users', 'Tom', ByteView.from('1'), Date.now() + minuteMs, CALL);
    expect(Number(ttl)).toBeGreaterThan(minuteMs / 2);
    expect(Number(ttl)).toBeLessThanOrEqual(minuteMs + 1_000);
    await transport.set(peer, 'users', 'Tom', ByteView.from('1'), 0, CALL);
    expect(ttl).toBeUndefined();
  });
});
