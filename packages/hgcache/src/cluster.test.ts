import { afterEach, describe, expect, it, vi } from 'vitest';
import { ByteView } from './byte-view.ts';
import type { GetStatus } from './caller.ts';
import { InvalidationError, LoadError, OverloadedError, PartialError } from './errors.ts';
import type { Group } from './group.ts';
import type { GroupOptions, Loader } from './group-options.ts';
import type { HgCache, HgCacheOptions } from './hgcache.ts';
import { createSeededRandom } from './random.ts';
import { createFakeClock, settle } from './testing/fake-clock.ts';
import { type MemoryCluster, startMemoryCluster } from './testing/memory-cluster.ts';

const IDS = ['n1', 'n2', 'n3'];

let running: MemoryCluster | undefined;

afterEach(async () => {
  await running?.stop();
  running = undefined;
});

interface TestCluster extends MemoryCluster {
  readonly groups: ReadonlyMap<string, Group<string>>;
  /** Every call of a loader, as `node:key`. */
  readonly loads: readonly string[];
}

/** Three nodes with a group each; the loader answers with the version of the origin, which a test can raise. */
async function startCluster(
  options: {
    load?: Loader<string>;
    group?: Partial<GroupOptions<string>>;
    node?: Partial<HgCacheOptions>;
    ids?: string[];
  } = {},
): Promise<TestCluster> {
  const groups = new Map<string, Group<string>>();
  const loads: string[] = [];
  const define = (node: HgCache): void => {
    const load: Loader<string> = (key, context) => {
      loads.push(`${node.self.id}:${key}`);
      return options.load === undefined ? `${key}!` : options.load(key, context);
    };
    groups.set(node.self.id, node.group<string>('test', { maxBytes: 1024 * 1024, load, ...options.group }));
  };
  const cluster = await startMemoryCluster(options.ids ?? IDS, define, options.node);
  running = cluster;
  return { ...cluster, groups, loads };
}

function groupAt(cluster: TestCluster, id: string): Group<string> {
  const group = cluster.groups.get(id);
  if (group === undefined) throw new Error(`no node ${id}`);
  return group;
}

/** The first key of the form `key-n` that `owner` owns. */
function keyOwnedBy(cluster: TestCluster, owner: string, after = 0): string {
  for (let n = after; ; n++) {
    if (cluster.nodes[0]?.ownerOf(`key-${n}`).id === owner) return `key-${n}`;
  }
}

describe('a cluster', () => {
  it('loads a key once, at its owner, for callers on every node', async () => {
    const cluster = await startCluster();
    const key = keyOwnedBy(cluster, 'n2');
    const gets = IDS.flatMap((id) => Array.from({ length: 300 }, () => groupAt(cluster, id).get(key)));
    expect(new Set(await Promise.all(gets))).toEqual(new Set([`${key}!`]));
    expect(cluster.loads).toEqual([`n2:${key}`]);
    expect(cluster.network.requests.length).toBe(2);
  });

  it('agrees about every owner', async () => {
    const cluster = await startCluster();
    const owners = new Set<string>();
    for (let n = 0; n < 1000; n++) {
      const views = new Set(cluster.nodes.map((node) => node.ownerOf(`key-${n}`).id));
      expect(views.size).toBe(1);
      for (const owner of views) owners.add(owner);
    }
    expect([...owners].sort()).toEqual(IDS);
  });

  it('says which owner answered, and how old the value is', async () => {
    const clock = createFakeClock();
    const cluster = await startCluster({ node: { clock }, group: { ttlMs: 10_000 } });
    const key = keyOwnedBy(cluster, 'n2');
    await groupAt(cluster, 'n2').get(key);
    await clock.advance(3000);
    const status: GetStatus = {};
    await groupAt(cluster, 'n1').get(key, { status });
    expect(status).toEqual({ outcome: 'peer', owner: 'n2', ageMs: 3000, expiresAtMs: clock.now() + 7000 });
  });

  it('counts what each node did', async () => {
    const cluster = await startCluster();
    const key = keyOwnedBy(cluster, 'n2');
    await groupAt(cluster, 'n1').get(key);
    await groupAt(cluster, 'n1').get(key);
    expect(groupAt(cluster, 'n1').stats()).toMatchObject({
      gets: 2,
      hits: 0,
      peerFetches: 2,
      loads: 0,
      entries: 0,
    });
    expect(groupAt(cluster, 'n2').stats()).toMatchObject({
      gets: 0,
      peerRequests: 2,
      peerRequestHits: 1,
      loads: 1,
    });
  });

  it('gives undefined for what the origin does not have', async () => {
    const cluster = await startCluster({ load: () => undefined });
    expect(await groupAt(cluster, 'n1').get(keyOwnedBy(cluster, 'n2'))).toBeUndefined();
  });

  it("passes the owner's failures on, and does not ask the origin again elsewhere", async () => {
    const cluster = await startCluster({ load: () => Promise.reject(new Error('no route to database')) });
    const key = keyOwnedBy(cluster, 'n2');
    await expect(groupAt(cluster, 'n1').get(key)).rejects.toThrow(LoadError);
    await expect(groupAt(cluster, 'n1').get(key)).rejects.toThrow('no route to database');
    expect(cluster.loads).toEqual([`n2:${key}`, `n2:${key}`]);
  });

  it('passes on that the owner sheds load', async () => {
    const cluster = await startCluster({
      load: () => new Promise(() => {}),
      group: { maxConcurrentLoads: 1, maxQueuedLoads: 0 },
    });
    const key = keyOwnedBy(cluster, 'n2');
    const leaving = new AbortController();
    const busy = groupAt(cluster, 'n2').get(key, { signal: leaving.signal });
    await settle();
    const other = keyOwnedBy(cluster, 'n2', Number(key.slice(4)) + 1);
    await expect(groupAt(cluster, 'n1').get(other)).rejects.toThrow(OverloadedError);
    leaving.abort();
    await expect(busy).rejects.toThrow();
  });

  it('ends the load at the owner when the last caller on another node has left', async () => {
    let signal: AbortSignal | undefined;
    const cluster = await startCluster({
      load: (_key, context) => {
        signal = context.signal;
        return new Promise(() => {});
      },
    });
    const leaving = new AbortController();
    const gone = groupAt(cluster, 'n1').get(keyOwnedBy(cluster, 'n2'), { signal: leaving.signal });
    await settle();
    leaving.abort(new Error('client closed'));
    await expect(gone).rejects.toThrow('client closed');
    await settle();
    expect(signal?.aborted).toBe(true);
  });
});

describe('peers can only help:', () => {
  for (const fault of ['down', 'malformed'] as const) {
    it(`when the owner is ${fault}, the key is loaded here, once for all callers`, async () => {
      const onPeerFailed = vi.fn();
      const cluster = await startCluster({ node: { hooks: { onPeerFailed } } });
      const key = keyOwnedBy(cluster, 'n2');
      cluster.network.setFault('n2', fault);
      const gets = Array.from({ length: 100 }, () => groupAt(cluster, 'n1').get(key));
      expect(new Set(await Promise.all(gets))).toEqual(new Set([`${key}!`]));
      expect(cluster.loads).toEqual([`n1:${key}`]);
      expect(onPeerFailed).toHaveBeenCalledWith(expect.objectContaining({ group: 'test', peer: 'n2' }));
      expect(groupAt(cluster, 'n1').stats().peerFailures).toBe(1);
    });
  }

  it('when the owner is silent, the key is loaded here after its time', async () => {
    const clock = createFakeClock();
    const cluster = await startCluster({ node: { clock }, group: { peerTimeoutMs: 700 } });
    const key = keyOwnedBy(cluster, 'n2');
    cluster.network.setFault('n2', 'silent');
    const value = groupAt(cluster, 'n1').get(key);
    await clock.advance(699);
    expect(cluster.loads).toEqual([]);
    await clock.advance(1);
    expect(await value).toBe(`${key}!`);
  });

  it('when the owner has no such group, the key is loaded here', async () => {
    const cluster = await startCluster();
    const only = cluster.nodes[0]?.group<string>('only-here', {
      maxBytes: 1024,
      load: (key) => `${key} here`,
    });
    expect(await only?.get(keyOwnedBy(cluster, 'n2'))).toContain('here');
  });

  it('what was loaded for an owner that is down is kept for hotTtlMs at most', async () => {
    const clock = createFakeClock();
    const cluster = await startCluster({ node: { clock }, group: { hotTtlMs: 1000, ttlMs: 60_000 } });
    const key = keyOwnedBy(cluster, 'n2');
    cluster.network.setFault('n2', 'down');
    await groupAt(cluster, 'n1').get(key);
    await clock.advance(999);
    expect(groupAt(cluster, 'n1').getIfPresent(key)).toBe(`${key}!`);
    await clock.advance(1);
    expect(groupAt(cluster, 'n1').getIfPresent(key)).toBeUndefined();
  });

  it('nodes that each take the other for the owner load the key and do not wait for each other', async () => {
    const cluster = await startCluster();
    const key = keyOwnedBy(cluster, 'n1');
    await cluster.setMembers(['n2'], 'n1');
    await cluster.setMembers(['n1'], 'n2');
    const values = await Promise.all([groupAt(cluster, 'n1').get(key), groupAt(cluster, 'n2').get(key)]);
    expect(values).toEqual([`${key}!`, `${key}!`]);
    expect([...cluster.loads].sort()).toEqual([`n1:${key}`, `n2:${key}`]);
  });
});

describe('popular values', () => {
  it('of other owners are mirrored here, for hotTtlMs at most', async () => {
    const clock = createFakeClock();
    const cluster = await startCluster({ node: { clock }, group: { hotTtlMs: 1000, ttlMs: 60_000 } });
    const key = keyOwnedBy(cluster, 'n2');
    for (let n = 0; n < 10; n++) await groupAt(cluster, 'n1').get(key);
    const asked = cluster.network.requests.length;
    expect(asked).toBeLessThan(4);
    expect(groupAt(cluster, 'n1').getIfPresent(key)).toBe(`${key}!`);
    const status: GetStatus = {};
    await groupAt(cluster, 'n1').get(key, { status });
    expect(status).toMatchObject({ outcome: 'hit', owner: 'n2' });
    await clock.advance(1000);
    expect(groupAt(cluster, 'n1').getIfPresent(key)).toBeUndefined();
    await groupAt(cluster, 'n1').get(key);
    expect(cluster.network.requests.length).toBe(asked + 1);
  });

  it('of other owners are gone from the mirror once they are invalidated', async () => {
    for (const invalidate of [
      (group: Group<string>, key: string) => group.remove(key),
      (group: Group<string>, key: string) => group.set(key, 'given'),
      (group: Group<string>) => group.clear(),
    ]) {
      const cluster = await startCluster();
      const key = keyOwnedBy(cluster, 'n2');
      for (let n = 0; n < 10; n++) await groupAt(cluster, 'n1').get(key);
      expect(groupAt(cluster, 'n1').getIfPresent(key)).toBeDefined();
      await invalidate(groupAt(cluster, 'n3'), key);
      expect(groupAt(cluster, 'n1').getIfPresent(key)).toBeUndefined();
      await cluster.stop();
    }
  });

  it('fetched before an invalidation do not get into the mirror after it', async () => {
    let version = 'v1';
    const cluster = await startCluster({ load: () => version });
    const key = keyOwnedBy(cluster, 'n2');
    for (let n = 0; n < 2; n++) await groupAt(cluster, 'n1').get(key);
    await groupAt(cluster, 'n3').remove(key);
    const answer = Promise.withResolvers<void>();
    cluster.network.holdAnswers((request) => (request.from === 'n1' ? answer.promise : undefined));
    const fetching = groupAt(cluster, 'n1').get(key);
    await settle();
    version = 'v2';
    await groupAt(cluster, 'n3').remove(key);
    answer.resolve();
    expect(await fetching).toBe('v1');
    expect(groupAt(cluster, 'n1').getIfPresent(key)).toBeUndefined();
    expect(await groupAt(cluster, 'n1').get(key)).toBe('v2');
  });
});

describe('bounds in a cluster', () => {
  it('hold for fetches, too: past them callers are told at once', async () => {
    const cluster = await startCluster({ group: { maxConcurrentLoads: 1, maxQueuedLoads: 1 } });
    cluster.network.setFault('n2', 'silent');
    const leaving = new AbortController();
    const keys: string[] = [];
    for (let n = 0; keys.length < 3; n++) {
      if (cluster.nodes[0]?.ownerOf(`key-${n}`).id === 'n2') keys.push(`key-${n}`);
    }
    const options = { signal: leaving.signal };
    const waiting = keys.slice(0, 2).map((key) => groupAt(cluster, 'n1').get(key, options));
    await expect(groupAt(cluster, 'n1').get(keys[2] as string)).rejects.toThrow(
      '2 under way; try again later',
    );
    const joined = groupAt(cluster, 'n1').get(keys[0] as string, options);
    leaving.abort(new Error('client closed'));
    for (const get of [...waiting, joined]) await expect(get).rejects.toThrow('client closed');
  });

  it("keep a key that is no key from peers' requests", async () => {
    const cluster = await startCluster();
    const transport = cluster.network.createTransport();
    const call = { timeoutMs: 1000 };
    await expect(transport.get({ id: 'n1' }, 'test', '', call)).rejects.toThrow('1 to 1024 bytes');
    await expect(transport.remove({ id: 'n1' }, 'test', ['ok', ''], call)).rejects.toThrow('1 to 1024 bytes');
  });

  it('keep a value that is over, or too large, from being set by a peer', async () => {
    const clock = createFakeClock();
    const cluster = await startCluster({ node: { clock }, group: { maxValueBytes: 10 } });
    const transport = cluster.network.createTransport();
    const call = { timeoutMs: 1000 };
    const set = (text: string, expiresAtMs: number): Promise<void> =>
      transport.set({ id: 'n1' }, 'test', 'k', ByteView.from(JSON.stringify(text)), expiresAtMs, call);
    await set('ok', clock.now() + 1);
    expect(groupAt(cluster, 'n1').getIfPresent('k')).toBe('ok');
    await set('over', clock.now());
    expect(groupAt(cluster, 'n1').getIfPresent('k')).toBeUndefined();
    await set('too large', 0);
    expect(groupAt(cluster, 'n1').getIfPresent('k')).toBeUndefined();
  });
});

describe('getMany in a cluster', () => {
  it('sends one request to each owner', async () => {
    const cluster = await startCluster();
    const keys = Array.from({ length: 100 }, (_, n) => `key-${n}`);
    const values = await groupAt(cluster, 'n1').getMany(keys);
    expect(values.size).toBe(100);
    expect(cluster.network.requests.map(({ operation, to }) => `${operation} ${to}`).sort()).toEqual([
      'getMany n2',
      'getMany n3',
    ]);
    expect(cluster.loads.length).toBe(100);
  });

  it('joins gets that are under way', async () => {
    const result = Promise.withResolvers<string>();
    const cluster = await startCluster({ load: () => result.promise });
    const key = keyOwnedBy(cluster, 'n2');
    const one = groupAt(cluster, 'n1').get(key);
    const many = groupAt(cluster, 'n1').getMany([key]);
    await settle();
    result.resolve('630');
    expect([await one, (await many).get(key)]).toEqual(['630', '630']);
    expect(cluster.network.requests.length).toBe(1);
  });

  it('loads here what a peer that is down was asked for', async () => {
    const cluster = await startCluster();
    cluster.network.setFault('n2', 'down');
    const keys = Array.from({ length: 100 }, (_, n) => `key-${n}`);
    expect((await groupAt(cluster, 'n1').getMany(keys)).size).toBe(100);
    expect(new Set(cluster.loads).size).toBe(100);
  });

  it('reports each key that failed at its owner', async () => {
    const load: Loader<string> = (key) => {
      if (key.endsWith('7')) throw new Error('broken row');
      return key;
    };
    const cluster = await startCluster({ load });
    const keys = Array.from({ length: 100 }, (_, n) => `key-${n}`);
    const error = await groupAt(cluster, 'n1')
      .getMany(keys)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PartialError);
    expect((error as PartialError).values.size).toBe(90);
    expect((error as PartialError).errors.size).toBe(10);
    expect(cluster.loads.length).toBe(100);
  });

  it('ends the request when its caller leaves', async () => {
    let signal: AbortSignal | undefined;
    const cluster = await startCluster({
      load: (_key, context) => {
        signal = context.signal;
        return new Promise(() => {});
      },
    });
    const leaving = new AbortController();
    const gone = groupAt(cluster, 'n1').getMany([keyOwnedBy(cluster, 'n2')], { signal: leaving.signal });
    await settle();
    leaving.abort(new Error('client closed'));
    await expect(gone).rejects.toThrow('client closed');
    await settle();
    expect(signal?.aborted).toBe(true);
  });
});

describe('an invalidation in a cluster', () => {
  it('reaches the owner and every copy', async () => {
    const cluster = await startCluster();
    const key = keyOwnedBy(cluster, 'n2');
    cluster.network.setFault('n2', 'down');
    for (const id of IDS) await groupAt(cluster, id).get(key);
    cluster.network.setFault('n2', undefined);
    expect(IDS.map((id) => groupAt(cluster, id).getIfPresent(key) === undefined)).toEqual([
      false,
      false,
      false,
    ]);
    await groupAt(cluster, 'n1').remove(key);
    expect(IDS.map((id) => groupAt(cluster, id).getIfPresent(key) === undefined)).toEqual([true, true, true]);
  });

  it('puts a set value at its owner, for everyone', async () => {
    const clock = createFakeClock();
    const cluster = await startCluster({ node: { clock }, group: { ttlMs: 1000 } });
    const key = keyOwnedBy(cluster, 'n2');
    await groupAt(cluster, 'n1').set(key, 'given', { ttlMs: 5000 });
    await clock.advance(4999);
    for (const id of IDS) expect(await groupAt(cluster, id).get(key)).toBe('given');
    await clock.advance(1);
    expect(await groupAt(cluster, 'n1').get(key)).toBe(`${key}!`);
  });

  it('takes at most two requests to each peer for many keys', async () => {
    const cluster = await startCluster();
    const keys = Array.from({ length: 100 }, (_, n) => `key-${n}`);
    for (const id of IDS) await groupAt(cluster, id).getMany(keys);
    const before = cluster.network.requests.length;
    await groupAt(cluster, 'n1').removeMany(keys);
    expect(cluster.network.requests.length - before).toBe(4);
    for (const id of IDS) expect(groupAt(cluster, id).stats().entries).toBe(0);
  });

  // What every operation must hold at every node: a get that starts after it has resolved sees nothing older.
  const operations: [string, (group: Group<string>, key: string) => Promise<void>, string][] = [
    ['remove', (group, key) => group.remove(key), 'v2'],
    ['removeMany', (group, key) => group.removeMany([key, 'another']), 'v2'],
    ['clear', (group) => group.clear(), 'v2'],
    ['set', (group, key) => group.set(key, 'v2'), 'v2'],
  ];
  for (const [name, invalidate, expected] of operations) {
    it(`by ${name} fences loads that are under way at the owner`, async () => {
      let version = 'v1';
      const held = Promise.withResolvers<void>();
      const load: Loader<string> = async () => {
        const read = version;
        if (read === 'v1') await held.promise;
        return read;
      };
      const cluster = await startCluster({ load });
      const key = keyOwnedBy(cluster, 'n2');
      const before = IDS.map((id) => groupAt(cluster, id).get(key));
      await settle();
      version = 'v2';
      await invalidate(groupAt(cluster, 'n3'), key);
      const after = IDS.map((id) => groupAt(cluster, id).get(key));
      await settle();
      held.resolve();
      await Promise.all(before);
      expect(await Promise.all(after)).toEqual([expected, expected, expected]);
      for (const id of IDS) expect(await groupAt(cluster, id).get(key)).toBe(expected);
    });

    it(`by ${name} fences a fetch that reached the owner just before it`, async () => {
      let version = 'v1';
      const cluster = await startCluster({ load: () => version });
      const key = keyOwnedBy(cluster, 'n2');
      await groupAt(cluster, 'n2').get(key);
      // While the owner is being told, n1, which may have been told already, begins to fetch the old value.
      // Its answer arrives when all is over.
      const answer = Promise.withResolvers<void>();
      let fetching: Promise<string | undefined> | undefined;
      cluster.network.holdRequests((request) => {
        if (request.to !== 'n2' || request.operation === 'get' || fetching !== undefined) return undefined;
        return settle().then(() => {
          version = 'v2';
          fetching = groupAt(cluster, 'n1').get(key);
          return settle();
        });
      });
      cluster.network.holdAnswers((request) => (request.from === 'n1' ? answer.promise : undefined));
      await invalidate(groupAt(cluster, 'n3'), key);
      const after = groupAt(cluster, 'n1').get(key);
      await settle();
      answer.resolve();
      await fetching;
      expect(await after).toBe(expected);
    });
  }

  it('drops the local copy before anyone is told', async () => {
    const cluster = await startCluster();
    const key = keyOwnedBy(cluster, 'n1');
    await groupAt(cluster, 'n1').get(key);
    let wasThere: boolean | undefined;
    cluster.network.holdRequests(() => {
      wasThere ??= groupAt(cluster, 'n1').getIfPresent(key) !== undefined;
      return undefined;
    });
    await groupAt(cluster, 'n1').remove(key);
    expect(wasThere).toBe(false);
  });

  it('fences a fetch that its own node began while the owner was being told', async () => {
    for (const invalidate of [
      (group: Group<string>, key: string) => group.remove(key),
      (group: Group<string>, key: string) => group.set(key, 'v2'),
    ]) {
      let version = 'v1';
      const cluster = await startCluster({ load: () => version });
      const key = keyOwnedBy(cluster, 'n2');
      await groupAt(cluster, 'n2').get(key);
      const answer = Promise.withResolvers<void>();
      let fetching: Promise<string | undefined> | undefined;
      cluster.network.holdRequests((request) => {
        if (request.operation === 'get' || fetching !== undefined) return undefined;
        version = 'v2';
        fetching = groupAt(cluster, 'n1').get(key);
        return settle();
      });
      cluster.network.holdAnswers((request) => (request.operation === 'get' ? answer.promise : undefined));
      await invalidate(groupAt(cluster, 'n1'), key);
      const after = groupAt(cluster, 'n1').get(key);
      await settle();
      answer.resolve();
      await fetching;
      expect(await after).toBe('v2');
      await cluster.stop();
    }
  });

  it('reaches a member that joins while it is under way', async () => {
    const cluster = await startCluster();
    const key = keyOwnedBy(cluster, 'n2');
    await groupAt(cluster, 'n3').set(key, 'old');
    await cluster.setMembers(['n3'], 'n3');
    await groupAt(cluster, 'n3').get(key);
    await cluster.setMembers(['n1', 'n2'], 'n1');
    let joining: Promise<void> | undefined;
    cluster.network.holdRequests(() => {
      joining ??= cluster.setMembers(IDS, 'n1');
      return joining;
    });
    await groupAt(cluster, 'n1').remove(key);
    expect(groupAt(cluster, 'n3').getIfPresent(key)).toBeUndefined();
  });

  it('rejects with the peers that could not be told, drops the local copy first, and tells them later', async () => {
    const clock = createFakeClock();
    const cluster = await startCluster({ node: { clock, random: createSeededRandom(1) } });
    const key = keyOwnedBy(cluster, 'n2');
    await groupAt(cluster, 'n2').get(key);
    cluster.network.setFault('n2', 'down');
    cluster.network.setFault('n3', 'down');
    const error = await groupAt(cluster, 'n1')
      .remove(key)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidationError);
    expect([...(error as InvalidationError).peers].sort()).toEqual(['n2', 'n3']);
    expect(groupAt(cluster, 'n2').getIfPresent(key)).toBeDefined();
    await clock.advance(10_000);
    cluster.network.setFault('n2', undefined);
    await clock.advance(5000);
    expect(groupAt(cluster, 'n2').getIfPresent(key)).toBeUndefined();
    cluster.network.setFault('n3', undefined);
    await clock.advance(5000);
    expect(clock.pendingTimers).toBe(0);
  });

  it('of a set that the owner missed drops the key there later, and does not set it', async () => {
    const clock = createFakeClock();
    const cluster = await startCluster({ node: { clock } });
    const key = keyOwnedBy(cluster, 'n2');
    await groupAt(cluster, 'n2').get(key);
    cluster.network.setFault('n2', 'down');
    await expect(groupAt(cluster, 'n1').set(key, 'given')).rejects.toThrow(InvalidationError);
    cluster.network.setFault('n2', undefined);
    await clock.advance(200);
    expect(groupAt(cluster, 'n2').getIfPresent(key)).toBeUndefined();
    expect(await groupAt(cluster, 'n1').get(key)).toBe(`${key}!`);
  });

  it('of a clear that a peer missed clears it later', async () => {
    const clock = createFakeClock();
    const cluster = await startCluster({ node: { clock } });
    const key = keyOwnedBy(cluster, 'n2');
    await groupAt(cluster, 'n2').get(key);
    cluster.network.setFault('n2', 'down');
    await expect(groupAt(cluster, 'n1').clear()).rejects.toThrow(InvalidationError);
    cluster.network.setFault('n2', undefined);
    await clock.advance(200);
    expect(groupAt(cluster, 'n2').stats().entries).toBe(0);
  });

  it('gives up on a peer that has left', async () => {
    const clock = createFakeClock();
    const cluster = await startCluster({ node: { clock } });
    cluster.network.setFault('n2', 'down');
    await expect(groupAt(cluster, 'n1').remove('key')).rejects.toThrow(InvalidationError);
    await cluster.setMembers(['n1', 'n3'], 'n1');
    const before = cluster.network.requests.length;
    await clock.advance(60_000);
    expect(cluster.network.requests.length).toBe(before);
    expect(clock.pendingTimers).toBe(0);
  });

  it('clears the whole group at a peer that missed more keys than are worth remembering', async () => {
    const clock = createFakeClock();
    const cluster = await startCluster({ node: { clock } });
    cluster.network.setFault('n2', 'down');
    const many = (from: number): string[] => Array.from({ length: 9000 }, (_, n) => `k${from + n}`);
    await expect(groupAt(cluster, 'n1').removeMany(many(0))).rejects.toThrow(InvalidationError);
    await expect(groupAt(cluster, 'n1').removeMany(many(9000))).rejects.toThrow(InvalidationError);
    cluster.network.setFault('n2', undefined);
    await clock.advance(200);
    expect(cluster.network.requests.at(-1)).toMatchObject({ to: 'n2', operation: 'clear' });
  });
});
