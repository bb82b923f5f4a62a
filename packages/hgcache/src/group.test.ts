import { getEventListeners } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { ByteView } from './byte-view.ts';
import type { GetStatus } from './caller.ts';
import { bytesCodec, stringCodec } from './codec.ts';
import {
  ConfigError,
  DeadlineError,
  InvalidKeyError,
  InvalidValueError,
  LoadError,
  OverloadedError,
  PartialError,
} from './errors.ts';
import { createFifo } from './eviction/fifo.ts';
import { type Group, MAX_KEYS_PER_CALL } from './group.ts';
import type { GroupOptions, LoadContext } from './group-options.ts';
import { HgCache } from './hgcache.ts';
import { createFakeClock, type FakeClock, settle } from './testing/fake-clock.ts';

const MIB = 1024 * 1024;

function groupOf<V>(
  options: Partial<GroupOptions<V>> & Pick<GroupOptions<V>, 'load'>,
  clock: FakeClock = createFakeClock(),
): Group<V> {
  return new HgCache({ clock }).group<V>('test', { maxBytes: MIB, ...options });
}

/** A group whose loader counts, and answers with the key in capitals and the number of the load. */
function countingGroup(options: Partial<GroupOptions<string>> = {}, clock: FakeClock = createFakeClock()) {
  const loads: string[] = [];
  const load = async (key: string): Promise<string> => {
    loads.push(key);
    return `${key.toUpperCase()}#${loads.filter((loaded) => loaded === key).length}`;
  };
  return { group: groupOf<string>({ load, ...options }, clock), loads };
}

describe('a get', () => {
  it('loads a value once and then has it', async () => {
    const { group, loads } = countingGroup();
    expect(await group.get('tom')).toBe('TOM#1');
    expect(await group.get('tom')).toBe('TOM#1');
    expect(loads).toEqual(['tom']);
    expect(group.stats()).toMatchObject({ gets: 2, hits: 1, loads: 1, entries: 1 });
  });

  it('shares one load among callers at the same time', async () => {
    const { group, loads } = countingGroup();
    const values = await Promise.all(Array.from({ length: 1000 }, () => group.get('tom')));
    expect(new Set(values)).toEqual(new Set(['TOM#1']));
    expect(loads).toEqual(['tom']);
  });

  it('gives undefined for what the origin does not have, and asks again the next time', async () => {
    const load = vi.fn(async () => undefined);
    const group = groupOf<string>({ load });
    expect(await group.get('nobody')).toBeUndefined();
    expect(await group.get('nobody')).toBeUndefined();
    expect(load).toHaveBeenCalledTimes(2);
  });

  it('takes null, false, 0 and the empty string for values', async () => {
    for (const value of [null, false, 0, '']) {
      const group = groupOf<unknown>({ load: () => value });
      expect(await group.get('k')).toBe(value);
      expect(group.getIfPresent('k')).toBe(value);
    }
  });

  it('gives every caller a copy of its own', async () => {
    const group = groupOf<{ name: string }>({ load: () => ({ name: 'Tom' }) });
    const [one, two] = await Promise.all([group.get('k'), group.get('k')]);
    if (one !== undefined) one.name = 'changed';
    expect(two?.name).toBe('Tom');
    expect((await group.get('k'))?.name).toBe('Tom');
  });

  it('tells how it was answered when it is asked to', async () => {
    const clock = createFakeClock();
    const { group } = countingGroup({ ttlMs: 5000 }, clock);
    const load: GetStatus = {};
    const hit: GetStatus = {};
    await group.get('tom', { status: load });
    await clock.advance(2000);
    await group.get('tom', { status: hit });
    const expiresAtMs = clock.now() + 3000;
    expect(load).toEqual({ outcome: 'load', owner: 'local', ageMs: 0, expiresAtMs });
    expect(hit).toEqual({ outcome: 'hit', owner: 'local', ageMs: 2000, expiresAtMs });
  });

  it('loads again when the time to live is over', async () => {
    const clock = createFakeClock();
    const { group } = countingGroup({ ttlMs: 1000 }, clock);
    await group.get('tom');
    await clock.advance(999);
    expect(await group.get('tom')).toBe('TOM#1');
    await clock.advance(1);
    expect(group.getIfPresent('tom')).toBeUndefined();
    expect(await group.get('tom')).toBe('TOM#2');
  });

  it('refuses keys that are empty, too long or no strings', async () => {
    const { group, loads } = countingGroup();
    for (const key of ['', 'k'.repeat(1025), 7 as unknown as string]) {
      await expect(group.get(key)).rejects.toThrow(InvalidKeyError);
      await expect(group.getMany(['ok', key])).rejects.toThrow(InvalidKeyError);
      await expect(group.set(key, 'v')).rejects.toThrow(InvalidKeyError);
      await expect(group.remove(key)).rejects.toThrow(InvalidKeyError);
      await expect(group.removeMany([key])).rejects.toThrow(InvalidKeyError);
      expect(() => group.getIfPresent(key)).toThrow(InvalidKeyError);
    }
    expect(loads).toEqual([]);
    expect(await group.get('k'.repeat(1024))).toContain('#1');
  });
});

describe('a loader', () => {
  it('that throws fails the get with a LoadError, and the next get tries again', async () => {
    const load = vi.fn().mockRejectedValueOnce(new Error('no route to database')).mockResolvedValue('630');
    const group = groupOf<string>({ load });
    const error = await group.get('Tom').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LoadError);
    expect(error).toMatchObject({
      code: 'load_failed',
      message: expect.stringContaining('no route to database'),
    });
    expect((error as LoadError).cause).toMatchObject({ message: 'no route to database' });
    expect(await group.get('Tom')).toBe('630');
    expect(group.stats()).toMatchObject({ loads: 2, loadFailures: 1 });
  });

  it('that throws before it returns a promise does the same', async () => {
    const group = groupOf<string>({
      load: () => {
        throw 'a string';
      },
    });
    await expect(group.get('Tom')).rejects.toMatchObject({ code: 'load_failed', cause: 'a string' });
  });

  it('may throw a LoadError of its own, which stays what it is', async () => {
    const error = new LoadError('load_timeout', 'the database took too long');
    const group = groupOf<string>({ load: () => Promise.reject(error) });
    await expect(group.get('Tom')).rejects.toBe(error);
  });

  it('may throw anything, also what has no text', async () => {
    for (const thrown of [Object.create(null), undefined, { toString: () => ({}) }, Symbol('x')]) {
      const group = groupOf<string>({ load: () => Promise.reject(thrown) });
      await expect(group.get('Tom')).rejects.toMatchObject({ code: 'load_failed' });
    }
  });

  it("may set, remove and get other keys, and its own key's value from a set wins", async () => {
    const group: Group<string> = groupOf<string>({
      load: async (key) => {
        if (key === 'a') {
          await group.set('a', 'set by the loader');
          return `${await group.get('b')} and a`;
        }
        return key;
      },
    });
    expect(await group.get('a')).toBe('b and a');
    expect(group.getIfPresent('a')).toBe('set by the loader');
  });

  it('that hangs fails the get in time, is told to stop, and releases its key', async () => {
    const clock = createFakeClock();
    let signal: AbortSignal | undefined;
    let calls = 0;
    const load = (_key: string, context: LoadContext): Promise<string> => {
      signal = context.signal;
      return ++calls === 1 ? new Promise(() => {}) : Promise.resolve('630');
    };
    const group = groupOf<string>({ load, loadTimeoutMs: 500, maxConcurrentLoads: 1 }, clock);
    const hanging = expect(group.get('Tom')).rejects.toMatchObject({ code: 'load_timeout' });
    await clock.advance(499);
    expect(signal?.aborted).toBe(false);
    await clock.advance(1);
    await hanging;
    expect(signal?.aborted).toBe(true);
    expect(await group.get('Tom')).toBe('630');
    expect(clock.pendingTimers).toBe(0);
  });

  it('that settles after its time fills nothing', async () => {
    const clock = createFakeClock();
    const late = Promise.withResolvers<string>();
    const group = groupOf<string>({ load: () => late.promise, loadTimeoutMs: 500 }, clock);
    const failed = expect(group.get('Tom')).rejects.toThrow('not settled within 500 ms');
    await clock.advance(500);
    await failed;
    late.resolve('old');
    await settle();
    expect(group.getIfPresent('Tom')).toBeUndefined();
  });

  it('that returns the wrong type is named', async () => {
    const wrong = [
      groupOf<unknown>({ load: () => () => {} }),
      groupOf<unknown>({ load: () => 10n }),
      groupOf<ByteView>({ load: () => Buffer.from('630') as unknown as ByteView, codec: bytesCodec }),
      groupOf<string>({ load: () => 630 as unknown as string, codec: stringCodec }),
      groupOf<string>({ load: () => 'x', codec: { encode: () => 'x' as unknown as Buffer, decode: String } }),
    ];
    for (const group of wrong) await expect(group.get('Tom')).rejects.toThrow(InvalidValueError);
    await expect(wrong[2]?.get('Tom')).rejects.toThrow('is not a ByteView; use ByteView.from');
    await expect(wrong[3]?.get('Tom')).rejects.toThrow('value of "Tom" in group "test": 630 is not a string');
  });

  it('runs at most so many times at once; more wait in line, and past that callers are told at once', async () => {
    const waiting: (() => void)[] = [];
    const load = (key: string): Promise<string> => new Promise((resolve) => waiting.push(() => resolve(key)));
    const group = groupOf<string>({ load, maxConcurrentLoads: 2, maxQueuedLoads: 1 });
    const gets = ['a', 'b', 'c'].map((key) => group.get(key));
    await settle();
    expect(waiting.length).toBe(2);
    await expect(group.get('d')).rejects.toThrow(OverloadedError);
    while (waiting.length > 0) {
      waiting.shift()?.();
      await settle();
    }
    expect(await Promise.all(gets)).toEqual(['a', 'b', 'c']);
    const later = group.get('d');
    await settle();
    waiting.shift()?.();
    expect(await later).toBe('d');
  });
});

describe('a caller', () => {
  it('who is aborted leaves alone', async () => {
    const result = Promise.withResolvers<string>();
    const load = vi.fn(() => result.promise);
    const group = groupOf<string>({ load });
    const leaving = new AbortController();
    const gone = group.get('Tom', { signal: leaving.signal });
    const staying = group.get('Tom');
    leaving.abort(new Error('client closed'));
    await expect(gone).rejects.toThrow('client closed');
    result.resolve('630');
    expect(await staying).toBe('630');
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('gives up at its own deadline, and the others do not', async () => {
    const clock = createFakeClock();
    const result = Promise.withResolvers<string>();
    const group = groupOf<string>({ load: () => result.promise }, clock);
    const hasty = expect(group.get('Tom', { deadlineMs: 100 })).rejects.toThrow(DeadlineError);
    const patient = group.get('Tom', { deadlineMs: 5000, signal: new AbortController().signal });
    await clock.advance(100);
    await hasty;
    result.resolve('630');
    expect(await patient).toBe('630');
    expect(clock.pendingTimers).toBe(0);
  });

  it('gets a hit whatever is left of its deadline, and no load when nothing is', async () => {
    const { group, loads } = countingGroup();
    await group.get('tom');
    expect(await group.get('tom', { deadlineMs: 0 })).toBe('TOM#1');
    await expect(group.get('jack', { deadlineMs: 0 })).rejects.toThrow(DeadlineError);
    await expect(group.get('jack', { deadlineMs: Number.NaN })).rejects.toThrow(ConfigError);
    expect(loads).toEqual(['tom']);
  });

  it('ends the load when it is the last one to leave', async () => {
    let signal: AbortSignal | undefined;
    const load = (_key: string, context: LoadContext): Promise<string> => {
      signal = context.signal;
      return new Promise(() => {});
    };
    const group = groupOf<string>({ load });
    const leaving = new AbortController();
    const gone = group.get('Tom', { signal: leaving.signal });
    await settle();
    leaving.abort(new Error('client closed'));
    await expect(gone).rejects.toThrow('client closed');
    expect(signal?.aborted).toBe(true);
  });

  it('who has gone before gets nothing started', async () => {
    const { group, loads } = countingGroup();
    await expect(group.get('tom', { signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone');
    expect(loads).toEqual([]);
  });
});

describe('getMany', () => {
  it('gives what was found, and loads each missing key once', async () => {
    const load = vi.fn(async (key: string) => (key === 'nobody' ? undefined : key.toUpperCase()));
    const group = groupOf<string>({ load });
    await group.get('a');
    const values = await group.getMany(['a', 'b', 'nobody', 'b']);
    expect(values).toEqual(
      new Map([
        ['a', 'A'],
        ['b', 'B'],
      ]),
    );
    expect(load.mock.calls.map(([key]) => key)).toEqual(['a', 'b', 'nobody']);
  });

  it('rejects with what failed and keeps what was found', async () => {
    const load = async (key: string): Promise<string> => {
      if (key === 'bad') throw new Error('broken row');
      return key;
    };
    const error = await groupOf<string>({ load })
      .getMany(['good', 'bad'])
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PartialError);
    const { values, errors, message } = error as PartialError<string>;
    expect(values).toEqual(new Map([['good', 'good']]));
    expect([...errors.keys()]).toEqual(['bad']);
    expect(errors.get('bad')).toBeInstanceOf(LoadError);
    expect(message).toContain('broken row');
  });

  it("ends for a caller who leaves, with that caller's reason", async () => {
    const group = groupOf<string>({ load: () => new Promise(() => {}) });
    const leaving = new AbortController();
    const gone = group.getMany(['a', 'b'], { signal: leaving.signal });
    await settle();
    leaving.abort(new Error('client closed'));
    await expect(gone).rejects.toThrow('client closed');
  });

  it("listens once to a caller's signal, however many keys there are", async () => {
    const group = groupOf<string>({ load: () => new Promise(() => {}) });
    const leaving = new AbortController();
    const gone = group.getMany(['a', 'b', 'c'], { signal: leaving.signal });
    await settle();
    expect(getEventListeners(leaving.signal, 'abort').length).toBe(1);
    leaving.abort(new Error('client closed'));
    await expect(gone).rejects.toThrow('client closed');
    expect(getEventListeners(leaving.signal, 'abort').length).toBe(0);
  });

  it('leaves no listener on the signal of a caller who has stayed', async () => {
    const { group } = countingGroup();
    const { signal } = new AbortController();
    await group.getMany(['a', 'b'], { signal });
    await group.get('c', { signal });
    expect(getEventListeners(signal, 'abort').length).toBe(0);
  });

  it('takes no keys, and up to 10,000', async () => {
    const { group } = countingGroup({ maxBytes: 64 * MIB });
    expect(await group.getMany([])).toEqual(new Map());
    const keys = Array.from({ length: MAX_KEYS_PER_CALL }, (_, n) => `k${n}`);
    expect((await group.getMany(keys)).size).toBe(MAX_KEYS_PER_CALL);
    await expect(group.getMany([...keys, 'one more'])).rejects.toThrow('at most 10000 keys at a time');
    await expect(group.removeMany([...keys, 'one more'])).rejects.toThrow(InvalidKeyError);
    await expect(group.getMany('keys' as unknown as string[])).rejects.toThrow('keys must be an array');
  });
});

describe('set, remove and clear', () => {
  it('change what the next get sees', async () => {
    const { group, loads } = countingGroup();
    await group.set('tom', 'given');
    expect(await group.get('tom')).toBe('given');
    await group.remove('tom');
    expect(group.getIfPresent('tom')).toBeUndefined();
    expect(await group.get('tom')).toBe('TOM#1');
    await group.removeMany(['tom', 'jack']);
    expect(await group.get('tom')).toBe('TOM#2');
    await group.clear();
    expect(await group.get('tom')).toBe('TOM#3');
    expect(loads).toEqual(['tom', 'tom', 'tom']);
  });

  it('keep a load that began before them from filling the store', async () => {
    const change: [string, (group: Group<string>) => Promise<void>][] = [
      ['remove', (group) => group.remove('tom')],
      ['removeMany', (group) => group.removeMany(['jack', 'tom'])],
      ['clear', (group) => group.clear()],
    ];
    for (const [name, invalidate] of change) {
      const old = Promise.withResolvers<string>();
      const load = vi.fn().mockReturnValueOnce(old.promise).mockResolvedValue('new');
      const group = groupOf<string>({ load });
      const before = group.get('tom');
      await settle();
      await invalidate(group);
      const after = group.get('tom');
      old.resolve('old');
      expect(await before, name).toBe('old');
      expect(await after, name).toBe('new');
      expect(await group.get('tom'), name).toBe('new');
    }
  });

  it('keep a load that began before a set from undoing it', async () => {
    const old = Promise.withResolvers<string>();
    const group = groupOf<string>({ load: () => old.promise });
    const before = group.get('tom');
    await settle();
    await group.set('tom', 'given');
    old.resolve('old');
    expect(await before).toBe('old');
    expect(await group.get('tom')).toBe('given');
  });

  it('give a set value a time of its own', async () => {
    const clock = createFakeClock();
    const { group } = countingGroup({ ttlMs: 1000 }, clock);
    await group.set('tom', 'long', { ttlMs: 5000 });
    await group.set('jack', 'short');
    await clock.advance(1000);
    expect(group.getIfPresent('tom')).toBe('long');
    expect(group.getIfPresent('jack')).toBeUndefined();
    await expect(group.set('tom', 'x', { ttlMs: 0 })).rejects.toThrow(
      'ttlMs must be a whole number of at least 1',
    );
  });

  it('copy what they are given', async () => {
    const group = groupOf<{ name: string }>({ load: () => undefined });
    const value = { name: 'Tom' };
    await group.set('k', value);
    value.name = 'changed';
    expect(group.getIfPresent('k')).toEqual({ name: 'Tom' });
  });
});

describe('the budget', () => {
  it('lets a value past maxValueBytes through and keeps nothing of it', async () => {
    const load = vi.fn((key: string) => 'x'.repeat(Number(key)));
    const group = groupOf<string>({ load, codec: stringCodec, maxValueBytes: 100 });
    expect((await group.get('100'))?.length).toBe(100);
    expect((await group.get('101'))?.length).toBe(101);
    expect(group.getIfPresent('100')).toBeDefined();
    expect(group.getIfPresent('101')).toBeUndefined();
    await group.set('k', 'x'.repeat(100));
    await expect(group.set('k', 'x'.repeat(101))).rejects.toThrow('101 bytes, and maxValueBytes is 100');
  });

  it('is 8 MiB a value by default', async () => {
    const group = groupOf<string>({
      load: (key) => 'x'.repeat(Number(key)),
      codec: stringCodec,
      maxBytes: 64 * MIB,
    });
    await group.get(String(8 * MIB));
    await group.get(String(8 * MIB + 1));
    expect(group.stats().entries).toBe(1);
  });

  it('evicts nothing for a value that could never fit', async () => {
    const maxBytes = 8 * 1024;
    const group = groupOf<string>({ load: (key) => key.repeat(3000), codec: stringCodec, maxBytes });
    await group.set('small', 'v');
    expect((await group.get('big'))?.length).toBe(9000);
    expect(group.stats()).toMatchObject({ entries: 1, evictions: 0 });
    await expect(group.set('big', 'x'.repeat(9000))).rejects.toThrow(
      '9000 bytes do not fit into a budget of 8192',
    );
    expect(group.getIfPresent('small')).toBe('v');
  });

  it('holds for all that a group keeps', async () => {
    const { group } = countingGroup({ maxBytes: 100_000 });
    for (let n = 0; n < 5000; n++) {
      await group.get(`key-${n}`);
      expect(group.stats().bytes).toBeLessThanOrEqual(100_000);
    }
    expect(group.stats().evictions).toBeGreaterThan(1000);
    expect(group.stats().entries).toBeGreaterThan(500);
  });

  it('evicts by the policy of the group, and tells why a value has gone', async () => {
    const clock = createFakeClock();
    const gone: string[] = [];
    const group = groupOf<string>(
      {
        load: (key) => key,
        codec: stringCodec,
        maxBytes: 16 * 1024,
        eviction: createFifo,
        ttlMs: 1000,
        onEvicted: (key, value, reason) => gone.push(`${key}=${value.slice(0, 3)} ${reason}`),
      },
      clock,
    );
    const fill = async (): Promise<void> => {
      for (let n = 0; gone.length === 0; n++) {
        await group.set(`k${n}`, `v${n}`.padEnd(1000, '.'));
        group.getIfPresent('k0');
        await settle();
      }
    };
    await fill();
    expect(gone[0]).toBe('k0=v0. evicted');
    gone.length = 0;
    await group.set('k3', 'd');
    await group.remove('k4');
    await group.set('last', 'e');
    await clock.advance(1000);
    group.getIfPresent('last');
    await settle();
    expect(gone.slice(0, 2)).toEqual(['k3=v3. replaced', 'k4=v4. removed']);
    expect(gone).toContain('last=e expired');
  });

  it('hands what onEvicted throws to the hook onError', async () => {
    const onError = vi.fn();
    const group = new HgCache({ hooks: { onError } }).group<string>('test', {
      maxBytes: MIB,
      load: (key) => key,
      onEvicted: () => {
        throw new Error('broken callback');
      },
    });
    await group.get('a');
    await group.remove('a');
    await settle();
    expect(onError).toHaveBeenCalledWith({
      error: expect.objectContaining({ message: 'broken callback' }),
      where: 'onEvicted',
    });
  });
});

describe('the hot store of a group', () => {
  it('gives every caller a value of its own by default', async () => {
    const group = groupOf<{ name: string }>({ load: () => ({ name: 'Tom' }) });
    for (let n = 0; n < 5; n++) {
      const value = await group.get('k');
      expect(value).toEqual({ name: 'Tom' });
      if (value !== undefined) value.name = 'changed';
    }
    expect(group.stats().hotEntries).toBe(1);
  });

  it('gives all callers the same value, frozen all through, when it is told to', async () => {
    const group = groupOf<{ name: string; scores: { points: number[] } }>({
      load: () => ({ name: 'Tom', scores: { points: [630] } }),
      values: 'frozen',
    });
    for (let n = 0; n < 5; n++) {
      const value = await group.get('k');
      expect(Object.isFrozen(value?.scores.points)).toBe(true);
      expect(() => value?.scores.points.push(1)).toThrow(TypeError);
    }
    expect(group.getIfPresent('k')).toBe(group.getIfPresent('k'));
  });

  it('shares strings and views, which cannot change', async () => {
    const group = groupOf<ByteView>({ load: (key) => ByteView.from(key), codec: bytesCodec });
    for (let n = 0; n < 5; n++) await group.get('k');
    expect(group.getIfPresent('k')).toBe(group.getIfPresent('k'));
  });

  it('has no value longer than its time, nor after it was set, removed or cleared', async () => {
    const clock = createFakeClock();
    const { group } = countingGroup({ ttlMs: 1000 }, clock);
    const warm = async (): Promise<void> => {
      for (let n = 0; n < 5; n++) await group.get('tom');
      expect(group.stats().hotEntries).toBe(1);
    };
    await warm();
    await clock.advance(1000);
    expect(await group.get('tom')).toBe('TOM#2');
    await warm();
    await group.set('tom', 'given');
    expect(await group.get('tom')).toBe('given');
    await warm();
    await group.remove('tom');
    expect(group.getIfPresent('tom')).toBeUndefined();
    await warm();
    await group.clear();
    expect(group.getIfPresent('tom')).toBeUndefined();
  });

  it('keeps what is popular in the main store, too', async () => {
    const { group, loads } = countingGroup({ maxBytes: 64 * 1024 });
    for (let n = 0; n < 5000; n++) {
      await group.get(`other-${n}`);
      for (let times = 0; times < 4; times++) await group.get('popular');
    }
    expect(loads.filter((key) => key === 'popular').length).toBe(1);
    await group.removeMany([]);
    expect(group.stats().evictions).toBeGreaterThan(1000);
  });

  it('can be left out', async () => {
    const { group } = countingGroup({ hotMaxBytes: 0 });
    for (let n = 0; n < 5; n++) await group.get('tom');
    expect(group.stats()).toMatchObject({ hotEntries: 0, hits: 4 });
  });
});

describe('a codec', () => {
  it('that cannot read a value fails the get, and the value does not stay', async () => {
    let isBroken = true;
    const codec = {
      encode: (value: string) => Buffer.from(value),
      decode: (bytes: ByteView) => {
        if (isBroken) throw new Error('unknown version');
        return bytes.toString();
      },
    };
    const group = groupOf<string>({ load: (key) => key, codec });
    await expect(group.get('a')).rejects.toThrow('value of "a" in group "test": unknown version');
    isBroken = false;
    expect(await group.get('a')).toBe('a');
    expect(group.stats().loads).toBe(2);
  });

  it('may use one buffer again and again', async () => {
    const scratch = Buffer.alloc(1);
    const codec = {
      encode: (value: string) => {
        scratch.write(value);
        return scratch;
      },
      decode: (bytes: ByteView) => bytes.toString(),
    };
    const group = groupOf<string>({ load: (key) => key, codec });
    await group.get('a');
    await group.get('b');
    expect([group.getIfPresent('a'), group.getIfPresent('b')]).toEqual(['a', 'b']);
  });

  it('of bytes gives immutable views', async () => {
    const group = groupOf<ByteView>({ load: (key) => ByteView.from(key), codec: bytesCodec });
    const view = await group.get('630');
    view?.toBuffer().fill(0);
    expect(group.getIfPresent('630')?.toString()).toBe('630');
  });
});

describe('the options of a group', () => {
  const cache = new HgCache();
  const define = (options: object, name = 'test'): unknown =>
    cache.group(name, { maxBytes: 1, load: () => undefined, ...options } as GroupOptions<unknown>);

  it('are checked one by one, and named', () => {
    const bad: [object, string][] = [
      [{ maxBytes: undefined }, 'group "test": maxBytes is missing'],
      [{ maxBytes: 0 }, 'maxBytes must be a whole number from 1 to 17179869184, not 0'],
      [{ maxBytes: '64MiB' }, 'maxBytes must be a whole number from 1 to 17179869184, not 64MiB'],
      [{ load: undefined }, 'load must be a function, not undefined'],
      [{ ttlMs: 0.5 }, 'ttlMs must be a whole number of at least 1, not 0.5'],
      [{ ttlMS: 5 }, 'unknown option "ttlMS"; known are maxBytes'],
      [{ hotMaxBytes: 1 }, 'hotMaxBytes must be a whole number from 0 to 0, not 1'],
      [{ values: 'shared' }, 'values must be "fresh" or "frozen", not "shared"'],
      [{ codec: {} }, 'codec must have the functions encode and decode'],
      [{ codec: null }, 'codec must have the functions encode and decode'],
      [{ loadTimeoutMs: 2 ** 31 }, 'loadTimeoutMs must be a whole number from 1 to 2147482647'],
      [{ maxConcurrentLoads: 0 }, 'maxConcurrentLoads must be a whole number of at least 1'],
      [{ maxQueuedLoads: -1 }, 'maxQueuedLoads must be a whole number of at least 0'],
      [{ eviction: 'lru' }, 'eviction must be a function, not string'],
      [{ onEvicted: true }, 'onEvicted must be a function, not boolean'],
    ];
    for (const [options, message] of bad) {
      expect(() => define(options), message).toThrow(message);
      expect(() => define(options), message).toThrow(ConfigError);
    }
    expect(() => cache.group('test', undefined as unknown as GroupOptions<unknown>)).toThrow(
      'must be an object',
    );
  });

  it('need a name that stands in a path as it is', () => {
    for (const name of ['', '.hidden', 'a/b', 'a b', 'ü', 'x'.repeat(129), 5 as unknown as string]) {
      expect(() => define({}, name), name).toThrow("a group's name must match");
    }
    define({}, 'x'.repeat(128));
    define({}, 'users.v2_all-7');
  });

  it('define a name once', () => {
    define({}, 'twice');
    expect(() => define({}, 'twice')).toThrow('there is a group "twice" already');
  });
});
