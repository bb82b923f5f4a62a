// Tests of a whole server: what it starts, what it leaves behind when it cannot, and how it stops.

import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, createServer, get, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Logger, pino } from 'pino';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  type Config,
  EVICTIONS,
  type GroupConfig,
  type HttpSourceConfig,
  type PeersConfig,
  type SourceConfig,
} from './config/config.ts';
import { type RunningServer, startServer } from './server.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const HOST = '127.0.0.1';
const silent = pino({ level: 'silent' });
const scores: SourceConfig = { type: 'static', values: { Tom: '630' } };

function group(fields: Partial<GroupConfig> = {}): GroupConfig {
  return {
    name: 'test',
    maxBytes: 2048,
    eviction: 'lru',
    maxValueBytes: 1024,
    hotTtlMs: 10_000,
    loadTimeoutMs: 5000,
    peerTimeoutMs: 6000,
    maxConcurrentLoads: 8,
    maxQueuedLoads: 8,
    source: scores,
    ...fields,
  };
}

function configOf(fields: Partial<Config> = {}): Config {
  return {
    app: { name: 'hgcache', isStartHttp: true },
    http: { host: HOST, port: 0, cors: { origins: [], credentials: false } },
    log: { level: 'silent' },
    groups: [group()],
    baseDir: tmpdir(),
    ...fields,
  };
}

function peersOf(self: number, ports: readonly number[]): PeersConfig {
  const id = (port: number) => `http://${HOST}:${port}`;
  return {
    self: id(self),
    listen: { host: HOST, port: self },
    members: ports.map(id),
    placement: 'balanced',
    dialect: 'groupcache',
  };
}

async function start(config: Config, log = silent): Promise<RunningServer> {
  const server = await startServer(config, log);
  cleanups.push(() => server.stop());
  return server;
}

/** Listens on a free port until the test is over. */
async function listening(
  onRequest: (key: string, response: ServerResponse) => void,
): Promise<[number, Server]> {
  const server = createServer((request, response) => onRequest(request.url ?? '', response));
  await once(server.listen(0, HOST), 'listening');
  cleanups.push(() => server.close());
  return [(server.address() as AddressInfo).port, server];
}

function httpSource(port: number): HttpSourceConfig {
  return { type: 'http', url: `http://${HOST}:${port}/{key}`, timeoutMs: 5000, headers: {} };
}

function recordingLog(): { log: Logger; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => {
    const { time: _time, ...rest } = JSON.parse(line);
    lines.push(rest);
  };
  return { log: pino({ level: 'info', base: null }, { write }), lines };
}

/** How many connections the gateway has, as the system counts them. */
function connectionsOf(server: RunningServer): number {
  const port = portOf(server).toString(16).toUpperCase().padStart(4, '0');
  const established = new RegExp(`^ *\\d+: 0100007F:${port} [0-9A-F:]+ 01 `, 'gm');
  return readFileSync('/proc/net/tcp', 'utf8').match(established)?.length ?? 0;
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listening(() => undefined)));
  await Promise.all(servers.map(([, server]) => new Promise((resolve) => server.close(resolve))));
  return servers.map(([port]) => port);
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, HOST);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function portOf({ gatewayAddress = '' }: RunningServer): number {
  return Number(new URL(gatewayAddress).port);
}

describe('a started server', () => {
  test('answers from its source, and says where', async () => {
    const server = await start(configOf());
    expect(server.gatewayAddress).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const answer = await fetch(`${server.gatewayAddress}/cache/api?key=Tom`);
    expect(await answer.json()).toEqual({ data: '630' });
    expect((await fetch(`${server.gatewayAddress}/readyz`)).status).toBe(200);
  });

  test('has no gateway unless it is asked for one', async () => {
    const [port = 0] = await freePorts(1);
    const config = configOf({ app: { name: 'a', isStartHttp: false }, peers: peersOf(port, [port]) });
    const server = await start(config);
    expect(server.gatewayAddress).toBeUndefined();
    expect(await isOpen(port)).toBe(true);
  });

  test('shares loads with its peers', async () => {
    const ports = await freePorts(2);
    const servers = [];
    for (const port of ports) servers.push(await start(configOf({ peers: peersOf(port, ports) })));
    for (const { gatewayAddress } of servers) {
      const answer = await fetch(`${gatewayAddress}/api?key=Tom`);
      expect(await answer.text()).toBe('630');
    }
    const loads = servers.map(({ cache }) => cache.groups.get('test')?.stats().loads ?? 0);
    expect(loads.reduce((sum, each) => sum + each)).toBe(1);
  });

  test.each(['balanced', 'groupcache', 'hgcache', 'groupcache-go'] as const)(
    'places keys by %s',
    async (placement) => {
      const [port = 0] = await freePorts(1);
      const peers = peersOf(port, [port]);
      const server = await start(configOf({ ...(peers && { peers: { ...peers, placement } }) }));
      const cluster = await fetch(`${server.gatewayAddress}/v1/cluster`);
      expect(await cluster.json()).toMatchObject({ placement, members: [{ isSelf: true }] });
    },
  );

  test.each(EVICTIONS)('keeps the limits of a group, with %s', async (eviction) => {
    const values = Object.fromEntries(
      Array.from({ length: 50 }, (_, index) => [`key-${index}`, 'x'.repeat(1000)]),
    );
    const groups = [group({ maxBytes: 16_384, eviction, source: { type: 'static', values }, ttlMs: 60_000 })];
    const server = await start(configOf({ groups }));
    for (const key of Object.keys(values)) await fetch(`${server.gatewayAddress}/api?key=${key}`);
    const stats = server.cache.groups.get('test')?.stats();
    expect(stats).toMatchObject({ loads: 50, maxBytes: 16_384 });
    expect(stats?.bytes).toBeLessThanOrEqual(16_384);
  });

  test('asks a peer for no longer than the group says', async () => {
    const [port = 0] = await freePorts(1);
    // It takes connections and never answers.
    const [peer] = await listening(() => undefined);
    const values = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`key${index}`, 'value']));
    const groups = [group({ peerTimeoutMs: 50, loadTimeoutMs: 60_000, source: { type: 'static', values } })];
    const peers = { ...peersOf(port, [port, peer]), dialect: 'groupcache-go' as const };
    const server = await start(configOf({ peers, groups }));
    const cached = server.cache.groups.get('test');
    const isRemote = (key: string) => cached?.ownerOf(key).id === `http://${HOST}:${peer}`;
    const answer = await fetch(`${server.gatewayAddress}/api?key=${Object.keys(values).find(isRemote)}`);
    expect(await answer.text()).toBe('value');
    expect(cached?.stats()).toMatchObject({ peerFailures: 1, loads: 1 });
  });

  test('warns of a group that holds nothing, and of no other', async () => {
    const { log, lines } = recordingLog();
    const groups = [group({ name: 'tiny', maxBytes: 1 }), group()];
    await start(configOf({ groups }), log);
    const warnings = lines.filter(({ level }) => level === 40);
    expect(warnings).toEqual([{ level: 40, group: 'tiny', msg: expect.stringContaining('too small') }]);
  });

  test('listens to clients and peers before it takes part, and tells so', async () => {
    const { log, lines } = recordingLog();
    const [port = 0] = await freePorts(1);
    const server = await start(configOf({ peers: peersOf(port, [port]) }), log);
    expect(lines.map(({ msg }) => msg)).toEqual([
      `gateway listening at ${server.gatewayAddress}`,
      'members changed',
      `hgcache node listening at http://127.0.0.1:${port}`,
    ]);
  });
});

describe('a server that cannot start', () => {
  test('closes the sources that could be opened', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'hgcache-server-'));
    cleanups.push(() => rmSync(dir, { recursive: true }));
    const closed = Symbol.for('hgcache-server-closed');
    cleanups.push(() => Reflect.deleteProperty(globalThis, closed));
    writeFileSync(
      join(dir, 'fine.mjs'),
      `export const load = () => 1;
       export const close = () => { globalThis[Symbol.for('hgcache-server-closed')] = true; };`,
    );
    const groups = [
      group({ name: 'a', source: { type: 'module', path: './fine.mjs' } }),
      group({ name: 'b', source: { type: 'module', path: './missing.mjs' } }),
    ];
    await expect(startServer(configOf({ groups, baseDir: dir }), silent)).rejects.toThrow('missing.mjs');
    expect(Reflect.get(globalThis, closed)).toBe(true);
  });

  test('names every source that cannot be opened, once, with its groups', async () => {
    const missing: SourceConfig = {
      type: 'sqlite',
      file: 'missing.db',
      query: 'SELECT v FROM t WHERE k = ?',
    };
    const groups = [
      group({ name: 'a', source: missing }),
      group({ name: 'b', source: missing }),
      group({ name: 'c', source: { type: 'module', path: './missing.js' } }),
      group({ name: 'd' }),
    ];
    await expect(startServer(configOf({ groups }), silent)).rejects.toMatchObject({
      problems: [
        { message: expect.stringMatching(/^the source of a, b: .*missing\.db/) },
        { message: expect.stringMatching(/^the source of c: .*missing\.js/) },
      ],
    });
  });

  test('says which port is in use, and lets go of nothing that it never had', async () => {
    const [taken] = await listening((_, response) => response.end('mine'));
    const [port = 0] = await freePorts(1);
    const http = { host: HOST, port: taken, cors: { origins: [], credentials: false } };
    await expect(startServer(configOf({ http, peers: peersOf(port, [port]) }), silent)).rejects.toMatchObject(
      {
        code: 'listen_failed',
        message: `cannot listen on 127.0.0.1:${taken} (http.host, http.port): the port is in use`,
      },
    );
    expect(await isOpen(port)).toBe(false);
    expect(await (await fetch(`http://127.0.0.1:${taken}`)).text()).toBe('mine');
  });

  test('closes the gateway again when the port for peers is in use', async () => {
    const [taken] = await listening(() => undefined);
    const [port = 0] = await freePorts(1);
    const http = { host: HOST, port, cors: { origins: [], credentials: false } };
    await expect(
      startServer(configOf({ http, peers: peersOf(taken, [taken]) }), silent),
    ).rejects.toMatchObject({
      code: 'listen_failed',
      message: expect.stringContaining(`127.0.0.1:${taken}`),
    });
    expect(await isOpen(port)).toBe(false);
  });
});

describe('a server that stops', () => {
  test('closes its ports, and a second stop waits for the first', async () => {
    const [port = 0] = await freePorts(1);
    const server = await start(configOf({ peers: peersOf(port, [port]) }));
    const stopped = server.stop();
    expect(server.stop()).toBe(stopped);
    await stopped;
    expect(await isOpen(port)).toBe(false);
    expect(await isOpen(portOf(server))).toBe(false);
  });

  test('finishes what is under way', async () => {
    const origin = Promise.withResolvers<ServerResponse>();
    const [port] = await listening((_, response) => origin.resolve(response));
    const server = await start(configOf({ groups: [group({ source: httpSource(port) })] }));
    const answer = fetch(`${server.gatewayAddress}/api?key=Tom`);
    const response = await origin.promise;
    const stopped = server.stop();
    response.end('630');
    expect(await (await answer).text()).toBe('630');
    await stopped;
    expect(await isOpen(portOf(server))).toBe(false);
  });

  test('closes a connection once it has nothing more to answer there', async () => {
    const origin = Promise.withResolvers<ServerResponse>();
    const [port] = await listening((_, response) => origin.resolve(response));
    const server = await start(configOf({ groups: [group({ source: httpSource(port) })] }));
    const agent = new Agent({ keepAlive: true });
    cleanups.push(() => agent.destroy());
    const request = get(`${server.gatewayAddress}/api?key=Tom`, { agent });
    const response = await origin.promise;
    const startedAtMs = Date.now();
    const stopped = server.stop();
    response.end('630');
    const [answer] = await once(request, 'response');
    answer.resume();
    await stopped;
    // It would be idle for a minute, and then for the 15 s after which everything is closed.
    expect(Date.now() - startedAtMs).toBeLessThan(10_000);
  });

  test('is not ready any more for a question that is on its way', async () => {
    const server = await start(configOf());
    const socket = connect(portOf(server), HOST);
    socket.write('GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n');
    await expect.poll(() => connectionsOf(server)).toBe(1);
    const stopped = server.stop();
    await new Promise((resolve) => setTimeout(resolve, 60));
    socket.write('\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 503 [\s\S]*"code":100608/);
    await stopped;
  });

  test('gives up on clients after 15 s', async () => {
    const [port] = await listening(() => undefined);
    const source = { ...httpSource(port), timeoutMs: 600_000 };
    const server = await start(configOf({ groups: [group({ source, loadTimeoutMs: 600_000 })] }));
    const request = get(`${server.gatewayAddress}/api?key=Tom`);
    let isEnded = false;
    const ended = new Promise<void>((resolve) => {
      request.on('error', () => {
        isEnded = true;
        resolve();
      });
    });
    await expect.poll(() => server.cache.groups.get('test')?.stats().loads).toBe(1);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const stopped = server.stop();
    await vi.advanceTimersByTimeAsync(14_999);
    await new Promise(setImmediate);
    expect(isEnded).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await ended;
    vi.useRealTimers();
    await stopped;
  });
});
