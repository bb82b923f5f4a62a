import { describe, expect, it, vi } from 'vitest';
import type { Discovery, OnMembers } from './discovery/discovery.ts';
import { ConfigError, StoppedError } from './errors.ts';
import { HgCache, type HgCacheOptions } from './hgcache.ts';
import type { PeerTransport } from './peers/peer-transport.ts';
import { createFakeClock, settle } from './testing/fake-clock.ts';
import { startMemoryCluster } from './testing/memory-cluster.ts';
import { createMemoryNetwork } from './testing/memory-transport.ts';

const MIB = 1024 * 1024;

function noted(log: string[], transport: PeerTransport): PeerTransport {
  return {
    ...transport,
    start: async (self, handler) => {
      log.push('listen');
      await transport.start(self, handler);
    },
    stop: async (timeoutMs) => {
      log.push(`stop listening within ${timeoutMs}`);
      await transport.stop(timeoutMs);
    },
  };
}

function notedDiscovery(log: string[], start: (onMembers: OnMembers) => void = () => {}): Discovery {
  return {
    name: 'noted',
    start: async (self, onMembers) => {
      log.push(`announce ${self.id}`);
      onMembers([self]);
      start(onMembers);
    },
    stop: async () => {
      log.push('withdraw');
    },
  };
}

describe('a node', () => {
  it('alone is a cluster of one, before its start and after', async () => {
    const cache = new HgCache();
    const group = cache.group<string>('test', { maxBytes: MIB, load: (key) => key });
    expect(cache.members).toEqual([{ id: 'local' }]);
    expect(await group.get('a')).toBe('a');
    await cache.start();
    expect(await group.get('b')).toBe('b');
    expect(group.ownerOf('b')).toEqual({ id: 'local' });
    expect(cache.groups.get('test')).toBe(group);
    await cache.stop();
  });

  it('listens before it announces itself, and withdraws before it stops listening', async () => {
    const log: string[] = [];
    const transport = noted(log, createMemoryNetwork().createTransport());
    const cache = new HgCache({ self: 'n1', transport, discovery: notedDiscovery(log), stopTimeoutMs: 250 });
    await Promise.all([cache.start(), cache.start()]);
    await Promise.all([cache.stop(), cache.stop()]);
    expect(log).toEqual(['listen', 'announce n1', 'withdraw', 'stop listening within 250']);
  });

  it('that fails to start leaves nothing behind', async () => {
    const log: string[] = [];
    const transport = noted(log, createMemoryNetwork().createTransport());
    const discovery = notedDiscovery(log, () => {
      throw new Error('etcd is away');
    });
    const cache = new HgCache({ self: 'n1', transport, discovery });
    await expect(cache.start()).rejects.toThrow('etcd is away');
    expect(log.slice(2)).toEqual(['withdraw', 'stop listening within 10000']);
    await expect(cache.start()).rejects.toThrow('etcd is away');
    const group = cache.group<string>('test', { maxBytes: MIB, load: (key) => key });
    await expect(group.get('a')).rejects.toThrow(StoppedError);
  });

  it('that cannot listen says so, and announces nothing', async () => {
    const network = createMemoryNetwork();
    const log: string[] = [];
    const start = (transport: PeerTransport): HgCache =>
      new HgCache({ self: 'n1', transport, discovery: notedDiscovery(log) });
    const first = start(network.createTransport());
    await first.start();
    await expect(start(network.createTransport()).start()).rejects.toMatchObject({ code: 'listen_failed' });
    expect(log.filter((line) => line.startsWith('announce')).length).toBe(1);
    await first.stop();
  });

  it('that has been stopped answers with StoppedError, and ends what is under way', async () => {
    const cache = new HgCache();
    let signal: AbortSignal | undefined;
    const group = cache.group<string>('test', {
      maxBytes: MIB,
      load: (_key, context) => {
        signal = context.signal;
        return new Promise((_, reject) =>
          context.signal.addEventListener('abort', () => reject(context.signal.reason)),
        );
      },
    });
    const underWay = expect(group.get('a')).rejects.toThrow('this node has been stopped');
    await settle();
    await cache.stop();
    await underWay;
    expect(signal?.aborted).toBe(true);
    for (const call of [
      group.get('a'),
      group.getMany(['a']),
      group.set('a', 'b'),
      group.remove('a'),
      group.clear(),
    ]) {
      await expect(call).rejects.toThrow(StoppedError);
    }
    expect(group.getIfPresent('a')).toBeUndefined();
  });

  it('that is stopped while it starts announces nothing afterwards', async () => {
    const log: string[] = [];
    const listening = Promise.withResolvers<void>();
    const transport = noted(log, createMemoryNetwork().createTransport());
    const slow = { ...transport, start: async () => listening.promise };
    const cache = new HgCache({ self: 'n1', transport: slow, discovery: notedDiscovery(log) });
    const started = expect(cache.start()).rejects.toThrow(StoppedError);
    const stopped = cache.stop();
    await settle();
    listening.resolve();
    await started;
    await stopped;
    expect(log).toEqual(['withdraw', 'stop listening within 10000']);
    await expect(new HgCache().stop()).resolves.toBeUndefined();
  });

  it('stops although its discovery hangs and its transport fails, and says so', async () => {
    const clock = createFakeClock();
    const errors: string[] = [];
    const onError = ({ where, error }: { where: string; error: unknown }): void => {
      errors.push(`${where}: ${(error as Error).message}`);
    };
    const transport = createMemoryNetwork().createTransport();
    const cache = new HgCache({
      self: 'n1',
      transport: { ...transport, stop: () => Promise.reject(new Error('no such socket')) },
      discovery: { ...notedDiscovery([]), stop: () => new Promise(() => {}) },
      hooks: { onError },
      stopTimeoutMs: 500,
      clock,
    });
    const group = cache.group<string>('test', { maxBytes: MIB, load: (key) => key });
    await cache.start();
    const stopped = cache.stop();
    await clock.advance(1500);
    await stopped;
    expect(errors).toEqual(['transport.stop: no such socket']);
    await expect(group.get('a')).rejects.toThrow(StoppedError);
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not call the loader once it has been stopped, neither for those who wait for a turn', async () => {
    const loads: string[] = [];
    const cache = new HgCache();
    const group = cache.group<string>('test', {
      maxBytes: MIB,
      maxConcurrentLoads: 1,
      load: (key) => {
        loads.push(key);
        return new Promise(() => {});
      },
    });
    const gets = ['a', 'b', 'c'].map((key) => expect(group.get(key)).rejects.toThrow(StoppedError));
    await settle();
    await cache.stop();
    await Promise.all(gets);
    await settle();
    expect(loads).toEqual(['a']);
  });

  it('answers what peers have asked for before it stops', async () => {
    const answer = Promise.withResolvers<string>();
    const cluster = await startMemoryCluster(['n1', 'n2'], (node) => {
      node.group<string>('test', { maxBytes: MIB, load: () => answer.promise });
    });
    const [n1, n2] = cluster.nodes;
    let key = 'key-0';
    for (let n = 1; n1?.ownerOf(key).id !== 'n2'; n++) key = `key-${n}`;
    const asked = n1?.groups.get('test')?.get(key);
    await settle();
    const stopped = n2?.stop();
    await settle();
    answer.resolve('630');
    expect(await asked).toBe('630');
    await stopped;
    await cluster.stop();
  });

  it('places the good list that comes right after a bad one', async () => {
    let tell: OnMembers = () => {};
    const discovery = notedDiscovery([], (onMembers) => {
      tell = onMembers;
    });
    const cache = new HgCache({ self: 'n1', transport: createMemoryNetwork().createTransport(), discovery });
    await cache.start();
    tell([{ id: 'n1' }, { id: 'n1' }]);
    tell([{ id: 'n1' }, { id: 'n2' }]);
    while (cache.members.length !== 2) await settle();
    await cache.stop();
  });

  it('does not start with members that cannot be placed', async () => {
    const discovery: Discovery = {
      name: 'bad',
      start: async (_self, onMembers) => {
        onMembers([{ id: 'n1' }, { id: 'n1' }]);
        await settle();
      },
      stop: async () => {},
    };
    const cache = new HgCache({ self: 'n1', transport: createMemoryNetwork().createTransport(), discovery });
    await expect(cache.start()).rejects.toThrow(ConfigError);
  });

  it('takes hooks of a class, and async ones that reject', async () => {
    class Log {
      readonly lines: string[] = [];
      async onLoad({ key }: { key: string }): Promise<void> {
        this.lines.push(key);
        throw new Error('broken logger');
      }
    }
    const log = new Log();
    const group = new HgCache({ hooks: log }).group<string>('test', { maxBytes: MIB, load: (key) => key });
    await group.get('a');
    await settle();
    expect(log.lines).toEqual(['a']);
  });

  it('keeps the placement in force when a list of members makes no sense', async () => {
    const onError = vi.fn();
    let tell: OnMembers = () => {};
    const discovery = notedDiscovery([], (onMembers) => {
      tell = onMembers;
    });
    const transport = createMemoryNetwork().createTransport();
    const cache = new HgCache({ self: 'n1', transport, discovery, hooks: { onError } });
    await cache.start();
    tell([{ id: 'n1' }, { id: 'n2' }, { id: 'n2' }]);
    await settle();
    expect(cache.members).toEqual([{ id: 'n1' }]);
    expect(onError).toHaveBeenCalledWith(expect.objectContaining({ where: 'placement' }));
    tell([{ id: 'n2' }, { id: 'n1' }]);
    while (cache.members.length !== 2) await settle();
    expect(cache.members.map((member) => member.id)).toEqual(['n1', 'n2']);
    await cache.stop();
  });

  it('reports what happens through its hooks, and outlives hooks that throw', async () => {
    const seen: string[] = [];
    const note = (name: string) => (event: object) => {
      seen.push(`${name} ${(event as { key: string }).key}`);
      throw new Error('broken logger');
    };
    const hooks = { onHit: note('hit'), onLoad: note('load'), onLoaded: note('loaded') };
    const group = new HgCache({ hooks }).group<string>('test', { maxBytes: MIB, load: (key) => key });
    await group.get('a');
    await group.get('a');
    expect(seen).toEqual(['load a', 'loaded a', 'hit a']);
  });

  it('refuses options that make no sense, and names them', () => {
    const bad: [object, string][] = [
      [{ maxBytes: 5 }, 'HgCache: unknown option "maxBytes"; known are self, transport'],
      [{ self: '' }, 'HgCache: self.id must be a string that is not empty'],
      [{ self: 5 }, 'HgCache: self must be a member with an id'],
      [{ discovery: notedDiscovery([]) }, 'a discovery needs a transport'],
      [{ hooks: { onHits: () => {} } }, 'HgCache: hooks: unknown option "onHits"; known are onHit'],
      [{ stopTimeoutMs: -1 }, 'stopTimeoutMs must be a whole number from 0 to 2147483647, not -1'],
    ];
    for (const [options, message] of bad) {
      expect(() => new HgCache(options as HgCacheOptions), message).toThrow(message);
      expect(() => new HgCache(options as HgCacheOptions), message).toThrow(ConfigError);
    }
  });

  it('lives beside fifty others in one process', async () => {
    const ids = Array.from({ length: 50 }, (_, n) => `node-${n}`);
    let loads = 0;
    const cluster = await startMemoryCluster(ids, (node) => {
      node.group<string>('test', { maxBytes: MIB, load: (key) => `${key}#${++loads}` });
    });
    const values = await Promise.all(cluster.nodes.map((node) => node.groups.get('test')?.get('tom')));
    expect(new Set(values)).toEqual(new Set(['tom#1']));
    await cluster.stop();
    // Fifty placements are built at once.
  }, 60_000);
});
