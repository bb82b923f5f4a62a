// One load for the whole cluster, with real processes: three servers and an origin that counts what it is asked.

import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findFreePorts, waitForListener } from './ports.ts';
import { ServerProcess } from './server-process.ts';

const NODES = 3;
const START_TIMEOUT_MS = 20_000;

/** A web server that counts how often each key is asked for, and can be told to wait with its answers. */
class CountingOrigin {
  readonly asked = new Map<string, number>();
  readonly #server: Server;
  #gate: Promise<void> = Promise.resolve();

  constructor() {
    this.#server = createServer(async ({ url = '' }, response) => {
      const key = decodeURIComponent(url.slice(1));
      this.asked.set(key, (this.asked.get(key) ?? 0) + 1);
      await this.#gate;
      response.end(`value of ${key}`);
    });
  }

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Holds every answer back until the function that it returns is called. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    return resolve;
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

interface Stats {
  readonly gets: number;
  readonly loads: number;
  readonly peerFetches: number;
  readonly peerRequests: number;
}

const origin = new CountingOrigin();
const agent = new Agent({ keepAlive: true });
const processes: ServerProcess[] = [];
let folder = '';
let gateways: readonly number[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hgcache-three-'));
  const originUrl = await origin.start();
  const ports = await findFreePorts(2 * NODES);
  const peers = ports.slice(0, NODES);
  gateways = ports.slice(NODES);
  const members = peers.map((port) => `http://127.0.0.1:${port}`);
  const said: string[] = [];
  for (const [index, self] of members.entries()) {
    const config = {
      app: { name: `node-${index}`, is_start_http: true },
      http: { host: '127.0.0.1', port: gateways[index] },
      peers: { self, members },
      source: { type: 'http', url: `${originUrl}/{key}` },
      groups: [{ name: 'test', maxBytes: '64MiB' }],
    };
    const file = join(folder, `node-${index}.yaml`);
    // JSON is YAML too.
    writeFileSync(file, JSON.stringify(config));
    processes.push(new ServerProcess({ args: [`--config=${file}`], onText: (text) => said.push(text) }));
  }
  const signal = AbortSignal.timeout(START_TIMEOUT_MS);
  for (const port of ports) {
    if (!(await waitForListener(port, signal))) throw new Error(`port ${port} is silent\n${said.join('\n')}`);
  }
});

afterAll(async () => {
  agent.destroy();
  await Promise.all(processes.map((each) => each.stop()));
  await origin.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('1,000 gets of one cold key at once are one origin query and at most two peer requests', async () => {
  const release = origin.hold();
  const before = await totals();
  const answers = Promise.all(Array.from({ length: 1_000 }, (_, index) => get(nodeOf(index), 'cold')));
  // The origin answers when all of them wait, so none can be served by what another one has brought.
  while ((await totals()).gets < before.gets + 1_000) await delay(20);
  release();
  expect(new Set(await answers)).toEqual(new Set(['value of cold']));
  const after = await totals();
  expect(origin.asked.get('cold')).toBe(1);
  expect(after.loads - before.loads).toBe(1);
  expect(after.peerFetches - before.peerFetches).toBeLessThanOrEqual(NODES - 1);
  expect(after.peerRequests - before.peerRequests).toBeLessThanOrEqual(NODES - 1);
});

test('10,000 keys are 10,000 origin queries, whichever nodes are asked and however often', async () => {
  const keys = Array.from({ length: 10_000 }, (_, index) => `key/${index}`);
  for (let start = 0; start < keys.length; start += 1_000) {
    const chunk = keys.slice(start, start + 1_000);
    const expected = new Map(chunk.map((key) => [key, `value of ${key}`]));
    // All nodes are asked for all of them in a batch, and one by one for some, everything at once.
    const some = chunk.slice(0, 100);
    const batches = gateways.map((port) => batchGet(port, chunk));
    const singles = gateways.map((port) => Promise.all(some.map((key) => get(port, key))));
    for (const values of await Promise.all(batches)) expect(values).toEqual(expected);
    for (const values of await Promise.all(singles))
      expect(values).toEqual(some.map((key) => expected.get(key)));
  }
  const counts = keys.map((key) => origin.asked.get(key));
  expect(counts.filter((count) => count !== 1)).toEqual([]);
}, 60_000);

function nodeOf(index: number): number {
  return gateways[index % NODES] as number;
}

async function get(port: number, key: string): Promise<string> {
  const { status, body } = await exchange(port, 'GET', `/api?key=${encodeURIComponent(key)}`);
  return status === 200 ? body : `status ${status}: ${body}`;
}

async function batchGet(port: number, keys: readonly string[]): Promise<ReadonlyMap<string, unknown>> {
  const { body } = await exchange(port, 'POST', '/v1/groups/test/batch-get', JSON.stringify({ keys }));
  return new Map(Object.entries(JSON.parse(body).values));
}

/** The figures of all nodes together. */
async function totals(): Promise<Stats> {
  const sum = { gets: 0, loads: 0, peerFetches: 0, peerRequests: 0 };
  for (const port of gateways) {
    const { groups } = JSON.parse((await exchange(port, 'GET', '/v1/cluster')).body);
    const stats: Stats = groups[0].stats;
    for (const name of Object.keys(sum) as (keyof Stats)[]) sum[name] += stats[name];
  }
  return sum;
}

/** By node:http, as a thousand sockets at once are slow with fetch. */
async function exchange(
  port: number,
  method: string,
  path: string,
  body?: string,
): Promise<{ readonly status: number; readonly body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const sent = request({ agent, host: '127.0.0.1', port, method, path, headers }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('end', () =>
      resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
    );
    response.on('error', reject);
  });
  sent.on('error', reject);
  sent.end(body);
  return promise;
}
