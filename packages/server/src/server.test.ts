// Tests of a whole server: what it starts, what it leaves behind when it cannot, and how it stops.

import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import type { Config, GroupConfig, PeersConfig, SourceConfig } from './config/config.ts';
import { type RunningServer, startServer } from './server.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
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
    loadTimeoutMs: 5000,
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

  test.each(['lru', 'fifo'] as const)('keeps the limits of a group, with %s', async (eviction) => {
    const values = Object.fromEntries(
      Array.from({ length: 50 }, (_, index) => [`key-${index}`, 'x'.repeat(100)]),
    );
    const groups = [group({ eviction, source: { type: 'static', values }, ttlMs: 60_000 })];
    const server = await start(configOf({ groups }));
    for (const key of Object.keys(values)) await fetch(`${server.gatewayAddress}/api?key=${key}`);
    const stats = server.cache.groups.get('test')?.stats();
    expect(stats).toMatchObject({ loads: 50, maxBytes: 2048 });
    expect(stats?.bytes).toBeLessThanOrEqual(2048);
  });

  test('tells when it listens', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'info' }, { write: (line) => lines.push(JSON.parse(line).msg) });
    const [port = 0] = await freePorts(1);
    const server = await start(configOf({ peers: peersOf(port, [port]) }), log);
    expect(lines).toContain(`gateway listening at ${server.gatewayAddress}`);
    expect(lines).toContain(`hgcache node listening at http://127.0.0.1:${port}`);
  });
});

describe('a server that cannot start', () => {
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
    const source: SourceConfig = {
      type: 'http',
      url: `http://127.0.0.1:${port}/{key}`,
      timeoutMs: 5000,
      headers: {},
    };
    const server = await start(configOf({ groups: [group({ source })] }));
    const answer = fetch(`${server.gatewayAddress}/api?key=Tom`);
    const response = await origin.promise;
    const stopped = server.stop();
    response.end('630');
    expect(await (await answer).text()).toBe('630');
    await stopped;
    expect(await isOpen(portOf(server))).toBe(false);
  });
});
