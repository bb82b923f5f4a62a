// One cluster of golang/groupcache and HgCache: two Go nodes and one of ours, with the real thing on the other side.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ByteView } from '../../byte-view.ts';
import { bytesCodec } from '../../codec.ts';
import { createStaticDiscovery } from '../../discovery/static-discovery.ts';
import { PeerError } from '../../errors.ts';
import type { Group } from '../../group.ts';
import { HgCache } from '../../hgcache.ts';
import { keyFromBytes, keyToBytes } from '../../key.ts';
import { createRingPlacement } from '../../placement/ring-placement.ts';
import { freePort } from '../../testing/free-port.ts';
import { createHttpTransport } from './http-transport.ts';

const ROOT = fileURLToPath(new URL('../../../../../', import.meta.url));
const GO_PATH = '/usr/share/gocode';
const INSTALL = 'apt-get install golang-go golang-github-golang-groupcache-dev';
const BROKEN_ORIGIN = 'go-fails/';
const OUR_BROKEN_ORIGIN = 'ours-fails/';

/** A process of the Go program, and what can be asked of it. */
interface GoNode {
  readonly id: string;
  readonly process: ChildProcess;
  owners(keys: readonly string[]): Promise<string[]>;
  get(keys: readonly string[]): Promise<{ value: string; error?: string }[]>;
  /** How often its loader was called, by key. */
  loads(): Promise<Map<string, number>>;
}

const processes: ChildProcess[] = [];
let folder: string;
let program: string;

beforeAll(() => {
  if (process.env['HGCACHE_SKIP_GO'] === '1') return;
  folder = mkdtempSync(join(tmpdir(), 'hgcache-go-'));
  program = buildGoNode(folder);
});

afterAll(async () => {
  await Promise.all(processes.map(kill));
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

function buildGoNode(into: string): string {
  const file = join(into, 'go-node');
  const env = {
    ...process.env,
    GO111MODULE: 'off',
    GOPATH: GO_PATH,
    GOFLAGS: '',
    GOCACHE: join(ROOT, 'node_modules/.cache/go-build'),
    // Without it a C compiler is needed.
    CGO_ENABLED: '0',
  };
  const result = spawnSync('go', ['build', '-o', file, '.'], {
    cwd: join(ROOT, 'interop/go'),
    env,
    encoding: 'utf8',
  });
  if (result.error !== undefined || !existsSync(join(GO_PATH, 'src/github.com/golang/groupcache'))) {
    throw new Error(
      `Go and its groupcache are missing: ${INSTALL}, or leave this out with HGCACHE_SKIP_GO=1`,
    );
  }
  if (result.status !== 0) throw new Error(`go build failed:\n${result.stderr}`);
  return file;
}

async function startGoNode(id: string, peers: readonly string[], ...flags: string[]): Promise<GoNode> {
  const args = ['-self', id, '-peers', peers.join(','), ...flags];
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  processes.push(child);
  await once(child.stdout, 'data');
  const ask = async <T>(path: string, keys: readonly string[]): Promise<T> => {
    const body = JSON.stringify(keys.map((key) => keyToBytes(key).toString('base64')));
    const response = await fetch(`${id}/test/${path}`, { method: 'POST', body });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as T;
  };
  return {
    id,
    process: child,
    owners: (keys) => ask('owners', keys),
    get: async (keys) => {
      const answers = await ask<{ value: string | null; error?: string }[]>('get', keys);
      return answers.map((answer) => ({ ...answer, value: fromBase64(answer.value ?? '') }));
    },
    loads: async () => {
      const loads = await ask<{ key: string; count: number }[]>('loads', []);
      return new Map(loads.map(({ key, count }) => [fromBase64(key), count]));
    },
  };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function fromBase64(text: string): string {
  return keyFromBytes(Buffer.from(text, 'base64'));
}

/** A cluster of two Go nodes and one of ours, and what our loader has been asked. */
async function startCluster() {
  const ports = [await freePort(), await freePort(), await freePort()];
  const ids = ports.map((port) => `http://127.0.0.1:${port}`) as [string, string, string];
  const [first, second, self] = ids;
  const goNodes = [await startGoNode(first, ids), await startGoNode(second, ids)] as const;
  const ourLoads: string[] = [];
  const cache = new HgCache({
    self,
    transport: createHttpTransport(),
    discovery: createStaticDiscovery(ids),
    placement: createRingPlacement('groupcache'),
  });
  const users = cache.group('users', {
    maxBytes: 64 * 1024 * 1024,
    codec: bytesCodec,
    load: (key) => {
      ourLoads.push(key);
      if (key.startsWith(OUR_BROKEN_ORIGIN)) throw new Error('the origin of our node is down');
      return ByteView.from(keyToBytes(`value of ${key}`));
    },
  });
  await cache.start();
  return { goNodes, cache, users, ourLoads, self, ids };
}

type Cluster = Awaited<ReturnType<typeof startCluster>>;

async function ourValues(users: Group<ByteView>, keys: readonly string[]): Promise<string[]> {
  const found = await users.getMany(keys);
  return keys.map((key) => keyFromBytes(found.get(key)?.toBuffer() ?? Buffer.from('nothing')));
}

/** Who has loaded each key, and how often. */
async function loadersOf({ goNodes, ourLoads, self }: Cluster): Promise<Map<string, string[]>> {
  const loaders = new Map<string, string[]>();
  const add = (key: string, id: string): void => {
    loaders.set(key, [...(loaders.get(key) ?? []), id]);
  };
  for (const key of ourLoads) add(key, self);
  for (const node of goNodes) {
    for (const [key, count] of await node.loads()) {
      for (let load = 0; load < count; load++) add(key, node.id);
    }
  }
  return loaders;
}

const valuesOf = (keys: readonly string[]): string[] => keys.map((key) => `value of ${key}`);

// Every character that paths, queries and encodings know; a space is another matter, see below.
const PATTERNS = [
  'user:N',
  'a/b/N',
  '/N',
  '//N',
  'N/',
  'a//b/../N',
  '../N',
  './N',
  'N%',
  '%N',
  '%2FN',
  '%zzN',
  'a+N',
  '+N+',
  'N?q=1&r#f',
  'N;x=y,z',
  '"N"<>\\^`{|}',
  'N\r\n\t\0',
  'ключ-N',
  '键N',
  '🔑N',
  `${'é'.repeat(500)}N`,
  `${keyFromBytes(Uint8Array.of(0xff, 0xc3, 0x28))}N`,
] as const;
const SINGLES = [
  '.',
  '..',
  '/',
  '//',
  '+',
  '%',
  '?',
  '#',
  '~',
  '%ff',
  '%2e%2e',
  keyFromBytes(Uint8Array.of(0xff)),
];
const KEYS: readonly string[] = [
  ...SINGLES,
  ...Array.from({ length: 1_000 - SINGLES.length }, (_, index) =>
    (PATTERNS[index % PATTERNS.length] as string).replace('N', String(index)),
  ),
];
const KEYS_WITH_SPACES = Array.from({ length: 100 }, (_, index) => `with a space ${index}`);

const KEYS_PER_OWNER = 20;

describe.skipIf(process.env['HGCACHE_SKIP_GO'] === '1')('two Go nodes and one of ours', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startCluster();
  });

  afterAll(async () => {
    await cluster?.cache.stop();
  });

  const ownedBy = (id: string, prefix: string): string[] => {
    const keys: string[] = [];
    for (let index = 0; keys.length < KEYS_PER_OWNER; index++) {
      if (cluster.cache.ownerOf(prefix + index).id === id) keys.push(prefix + index);
    }
    return keys;
  };

  test('agree about the owner of a thousand keys', async () => {
    const { cache, goNodes, ids } = cluster;
    const keys = [...KEYS, ...KEYS_WITH_SPACES];
    expect(new Set(keys).size).toBe(1_100);
    const ours = keys.map((key) => cache.ownerOf(key).id);
    expect(await goNodes[0].owners(keys)).toEqual(ours);
    expect(await goNodes[1].owners(keys)).toEqual(ours);
    expect(new Set(ours)).toEqual(new Set(ids));
  });

  test('load each key once, at its owner, though all three ask for it at the same time', async () => {
    const { cache, users, goNodes } = cluster;
    const [first, second, ours] = await Promise.all([
      goNodes[0].get(KEYS),
      goNodes[1].get(KEYS),
      ourValues(users, KEYS),
    ]);
    expect(first).toEqual(valuesOf(KEYS).map((value) => ({ value })));
    expect(second).toEqual(first);
    expect(ours).toEqual(valuesOf(KEYS));
    const loaders = await loadersOf(cluster);
    expect(KEYS.map((key) => loaders.get(key))).toEqual(KEYS.map((key) => [cache.ownerOf(key).id]));
  });

  test('lose nothing of a space where one side is ours', async () => {
    const { cache, users, goNodes, self } = cluster;
    expect(await ourValues(users, KEYS_WITH_SPACES)).toEqual(valuesOf(KEYS_WITH_SPACES));
    const own = KEYS_WITH_SPACES.filter((key) => cache.ownerOf(key).id === self);
    for (const node of goNodes)
      expect((await node.get(own)).map(({ value }) => value)).toEqual(valuesOf(own));
    const loaders = await loadersOf(cluster);
    for (const key of KEYS_WITH_SPACES) expect(loaders.get(key)).toEqual([cache.ownerOf(key).id]);
  });

  test('lose a space between the two Go nodes, which takes it for a plus', async () => {
    const { cache, goNodes } = cluster;
    const [first, second] = goNodes;
    const keys = KEYS_WITH_SPACES.filter((key) => cache.ownerOf(key).id === first.id);
    expect(keys.length).toBeGreaterThan(5);
    const withPlus = keys.map((key) => key.replaceAll(' ', '+'));
    expect((await second.get(keys)).map(({ value }) => value)).toEqual(valuesOf(withPlus));
    const loaders = await loadersOf(cluster);
    for (const key of withPlus) expect(loaders.get(key)).toEqual([cache.ownerOf(key).id]);
  });

  test('fall back to their own loader when that of the owner fails', async () => {
    const { users, goNodes, ourLoads, self } = cluster;
    const [first, second] = goNodes;
    const goKeys = ownedBy(first.id, BROKEN_ORIGIN);
    expect(await ourValues(users, goKeys)).toEqual(valuesOf(goKeys));
    for (const key of goKeys) expect(ourLoads.filter((load) => load === key)).toEqual([key]);
    const ourKeys = ownedBy(self, OUR_BROKEN_ORIGIN);
    expect((await second.get(ourKeys)).map(({ value }) => value)).toEqual(valuesOf(ourKeys));
    const loads = await second.loads();
    for (const key of ourKeys) expect(loads.get(key)).toBe(1);
  });

  test('do without a Go node that was killed: each of the others loads its keys itself, once', async () => {
    const { users, goNodes, ourLoads } = cluster;
    const [first, second] = goNodes;
    await kill(first.process);
    const keys = ownedBy(first.id, 'orphaned-by-go/');
    expect(await ourValues(users, keys)).toEqual(valuesOf(keys));
    for (const key of keys) expect((await users.get(key))?.toString()).toBe(`value of ${key}`);
    for (const key of keys) expect(ourLoads.filter((load) => load === key)).toEqual([key]);
    expect((await second.get(keys)).map(({ value }) => value)).toEqual(valuesOf(keys));
    const loads = await second.loads();
    for (const key of keys) expect(loads.get(key)).toBe(1);
  });

  test('do without our node once it has stopped', async () => {
    const { cache, goNodes, self } = cluster;
    const keys = ownedBy(self, 'orphaned-by-us/');
    await cache.stop();
    const second = goNodes[1];
    expect((await second.get(keys)).map(({ value }) => value)).toEqual(valuesOf(keys));
    const loads = await second.loads();
    for (const key of keys) expect(loads.get(key)).toBe(1);
  });
});

describe.skipIf(process.env['HGCACHE_SKIP_GO'] === '1')('a Go node behind http.ServeMux', () => {
  test('redirects keys that look like a way up or have two slashes, which then are loaded here', async () => {
    const id = `http://127.0.0.1:${await freePort()}`;
    await startGoNode(id, [id], '-mux');
    const transport = createHttpTransport();
    const get = (key: string) => transport.get({ id }, 'users', key, { timeoutMs: 5_000 });
    for (const key of ['a/b', 'a b', '%2F', 'a..b'])
      expect((await get(key))?.value.toString()).toBe(`value of ${key}`);
    for (const key of ['..', 'a//b', '/a', 'a/../b']) {
      await expect(get(key)).rejects.toThrow(PeerError);
      await expect(get(key)).rejects.toThrow('answered 301');
    }
    await transport.stop(0);
  });
});
