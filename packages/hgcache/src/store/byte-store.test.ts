import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteView } from '../byte-view.ts';
import { createFifo } from '../eviction/fifo.ts';
import { createLru } from '../eviction/lru.ts';
import { createSeededRandom } from '../random.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { storeContract } from '../testing/store-contract.ts';
import { ByteStore, type ByteStoreOptions } from './byte-store.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

function createStore(options: Partial<ByteStoreOptions> & { maxBytes: number }): ByteStore {
  return new ByteStore({
    clock: createFakeClock(),
    eviction: createLru,
    random: createSeededRandom(1),
    onEvicted: undefined,
    ...options,
  });
}

describe('ByteStore', () => {
  for (const { name, run } of storeContract) it(name, () => run(createStore));

  const operation = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('set' as const),
        key: fc.nat(60),
        size: fc.nat(3000),
        ttlMs: fc.nat(3),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('set' as const),
        key: fc.nat(60),
        size: fc.nat(40_000),
        ttlMs: fc.nat(3),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('get' as const), key: fc.nat(60) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), key: fc.nat(60) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('turn' as const), ms: fc.constantFrom(1, 2, 1000, 3000) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const), often: fc.nat(20) }) },
  );

  it('holds what a map holds that is told of evictions, at any budget, and never exceeds it', async () => {
    const budgets = fc.constantFrom(4 * KIB, 10_000, 64 * KIB, 200_000, MIB);
    await fc.assert(
      fc.asyncProperty(
        budgets,
        fc.array(operation, { minLength: 50, maxLength: 400 }),
        async (maxBytes, steps) => {
          const clock = createFakeClock();
          const model = new Map<string, { text: string; untilMs: number }>();
          const onEvicted = (key: string, value: ByteView): void => {
            expect(value.toString()).toBe(model.get(key)?.text);
            model.delete(key);
          };
          const store = createStore({ maxBytes, clock, onEvicted });
          for (const [n, step] of steps.entries()) {
            if (step.kind === 'turn') {
              await clock.advance(step.ms);
            } else if (step.kind === 'clear') {
              if (step.often === 0) store.clear();
            } else if (step.kind === 'remove') {
              store.remove(`key-${step.key}`);
              expect(model.has(`key-${step.key}`)).toBe(false);
            } else if (step.kind === 'set') {
              const key = `key-${step.key}`;
              const text = String(n).padEnd(step.size, String.fromCharCode(97 + (n % 26)));
              const untilMs = step.ttlMs === 0 ? 0 : clock.now() + step.ttlMs * 700;
              const isKept = store.set(key, ByteView.from(text), untilMs);
              expect(isKept).toBe(store.fits(key, ByteView.from(text)));
              if (isKept) model.set(key, { text, untilMs });
              expect(model.has(key)).toBe(isKept);
            } else {
              const key = `key-${step.key}`;
              const stored = store.get(key);
              expect(stored?.value.toString()).toBe(model.get(key)?.text);
              expect(stored?.expiresAtMs).toBe(model.get(key)?.untilMs);
            }
            const { bytes, entries } = store.usage();
            expect(bytes).toBeLessThanOrEqual(maxBytes);
            expect(entries).toBe(model.size);
          }
          for (const [key, { text, untilMs }] of [...model]) {
            if (untilMs === 0 || clock.now() < untilMs) expect(store.get(key)?.value.toString()).toBe(text);
          }
          store.close();
          expect(clock.pendingTimers).toBe(0);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('keeps most of its budget in use through any sizes', () => {
    const maxBytes = 16 * MIB;
    const store = createStore({ maxBytes });
    const random = createSeededRandom(5);
    for (let n = 0; n < 30_000; n++) {
      const size = Math.floor(10 * 10 ** (random() * 3.5));
      store.set(`key-${Math.floor(random() * 100_000)}`, ByteView.from(Buffer.alloc(size)), 0);
      if (n % 3 === 0) store.get(`key-${Math.floor(random() * 100_000)}`);
      expect(store.usage().bytes).toBeLessThanOrEqual(maxBytes);
    }
    const { liveBytes, evictions } = store.usage();
    expect(evictions).toBeGreaterThan(1000);
    expect(liveBytes / maxBytes).toBeGreaterThan(0.8);
  });

  it('makes no room for a large value out of memory that it has beyond its budget', () => {
    const store = createStore({ maxBytes: MIB, eviction: createFifo });
    const random = createSeededRandom(11);
    const values = [10, 100, 1000, 3000, 17_000, 40_000, 120_000].map((size) =>
      ByteView.from(Buffer.alloc(size)),
    );
    for (let n = 0; n < 60_000; n++) {
      const key = `key-${Math.floor(random() * 5000)}`;
      if (random() < 0.2) store.remove(key);
      else store.set(key, values[Math.floor(random() ** 3 * values.length)] as ByteView, 0);
      expect(store.usage().bytes).toBeLessThanOrEqual(MIB);
    }
  });

  it('takes large and small values in turns, down to the tables of an empty store', () => {
    const store = createStore({ maxBytes: 2 * MIB });
    const large = ByteView.from(Buffer.alloc(1.5 * MIB));
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 20_000; n++) store.set(`small-${round}-${n}`, ByteView.from('x'), 0);
      expect(store.set('large', large, 0)).toBe(true);
      expect(store.get('large')?.value.length).toBe(large.length);
      expect(store.usage().bytes).toBeLessThanOrEqual(2 * MIB);
    }
  });

  it('gives memory back when it holds less, a little with every removal', () => {
    const store = createStore({ maxBytes: 16 * MIB });
    const value = ByteView.from('x'.repeat(500));
    for (let n = 0; n < 20_000; n++) store.set(`key-${n}`, value, 0);
    const full = store.usage().bytes;
    for (let n = 0; n < 20_000; n++) if (n % 20 !== 0) store.remove(`key-${n}`);
    expect(store.usage().entries).toBe(1000);
    expect(store.usage().bytes).toBeLessThan(full / 4);
    for (let n = 0; n < 20_000; n += 20) expect(store.get(`key-${n}`)?.value.length).toBe(500);
  });

  it('gives the memory of expired entries back without being asked for them', async () => {
    const clock = createFakeClock();
    let expired = 0;
    const store = createStore({ maxBytes: 4 * MIB, clock, onEvicted: () => expired++ });
    const value = ByteView.from('x'.repeat(100));
    for (let n = 0; n < 10_000; n++) store.set(`short-${n}`, value, clock.now() + 2000);
    for (let n = 0; n < 100; n++) store.set(`long-${n}`, value, clock.now() + 60_000);
    for (let n = 0; n < 100; n++) store.set(`ever-${n}`, value, 0);
    await clock.advance(1999);
    expect(expired).toBe(0);
    await clock.advance(2000);
    expect(expired).toBe(10_000);
    expect(store.usage().entries).toBe(200);
    expect(store.usage().bytes).toBeLessThan(800 * KIB);
    await clock.advance(60_000);
    expect(store.usage().entries).toBe(100);
    // With nothing left that expires, nothing runs any more.
    await clock.advance(2000);
    expect(clock.pendingTimers).toBe(0);
  });

  it('keys its hash by chance, so that two stores place the same key differently', () => {
    const hashes = [1, 2].map((seed) => {
      let seen = 0;
      const store = new ByteStore({
        maxBytes: MIB,
        clock: createFakeClock(),
        random: createSeededRandom(seed),
        eviction: () => {
          const policy = createFifo();
          return {
            ...policy,
            onInsert: (slot, hash) => {
              seen = hash;
              policy.onInsert(slot, hash);
            },
          };
        },
      });
      store.set('key', ByteView.from('x'), 0);
      return seen;
    });
    expect(hashes[0]).not.toBe(hashes[1]);
  });
});
