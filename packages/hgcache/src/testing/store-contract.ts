// What every main store must do; run against each of them.

import assert from 'node:assert/strict';
import { ByteView } from '../byte-view.ts';
import type { EvictionReason, OnStoreEvicted, Store } from '../store/store.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';

/** What a store under test is made of; it evicts by LRU. */
export interface StoreUnderTestOptions {
  readonly maxBytes: number;
  readonly clock: FakeClock;
  readonly onEvicted: OnStoreEvicted;
}

/** One promise of the port, to be tried on a store. */
export interface StoreCase {
  readonly name: string;
  run(create: (options: StoreUnderTestOptions) => Store): void | Promise<void>;
}

interface Bench {
  readonly store: Store;
  readonly clock: FakeClock;
  readonly gone: { readonly key: string; readonly value: string; readonly reason: EvictionReason }[];
}

const ROOMY = 1024 * 1024;

function bench(create: (options: StoreUnderTestOptions) => Store, maxBytes = ROOMY): Bench {
  const clock = createFakeClock();
  const gone: Bench['gone'] = [];
  const onEvicted: OnStoreEvicted = (key, value, reason) =>
    gone.push({ key, value: value.toString(), reason });
  return { store: create({ maxBytes, clock, onEvicted }), clock, gone };
}

function read(store: Store, key: string): string | undefined {
  return store.get(key)?.value.toString();
}

/** The promises of {@link Store}. */
export const storeContract: readonly StoreCase[] = [
  {
    name: 'gives back what was set, and nothing else',
    run: (create) => {
      const { store } = bench(create);
      assert.equal(store.get('a'), undefined);
      assert.equal(store.set('a', ByteView.from('1'), 0), true);
      assert.equal(read(store, 'a'), '1');
      assert.equal(read(store, 'A'), undefined);
      assert.equal(store.usage().entries, 1);
    },
  },
  {
    name: 'keeps a copy of its own',
    run: (create) => {
      const { store } = bench(create);
      const bytes = Buffer.from('1');
      store.set('a', ByteView.from(bytes), 0);
      bytes.fill(0x78);
      store.get('a')?.value.toBuffer().fill(0x78);
      assert.equal(read(store, 'a'), '1');
    },
  },
  {
    name: 'keeps empty values, and keys and values of any bytes',
    run: (create) => {
      const { store } = bench(create);
      for (const key of ['é€😀', '\udcff', '__proto__', 'a\u0000b']) {
        store.set(key, ByteView.from(Uint8Array.of(0, 255, 128)), 0);
        assert.deepEqual([...(store.get(key)?.value.toBuffer() ?? [])], [0, 255, 128], key);
      }
      store.set('empty', ByteView.from(''), 0);
      assert.equal(read(store, 'empty'), '');
    },
  },
  {
    name: 'replaces an older value and says so',
    run: (create) => {
      const { store, gone } = bench(create);
      store.set('a', ByteView.from('1'), 0);
      store.set('a', ByteView.from('22'), 0);
      assert.equal(read(store, 'a'), '22');
      assert.equal(store.usage().entries, 1);
      assert.deepEqual(gone, [{ key: 'a', value: '1', reason: 'replaced' }]);
    },
  },
  {
    name: 'removes a key and says whether it was there',
    run: (create) => {
      const { store, gone } = bench(create);
      store.set('a', ByteView.from('1'), 0);
      assert.equal(store.remove('a'), true);
      assert.equal(store.remove('a'), false);
      assert.equal(store.get('a'), undefined);
      assert.deepEqual(gone, [{ key: 'a', value: '1', reason: 'removed' }]);
    },
  },
  {
    name: 'serves a value until its time is over, and not a moment longer',
    run: async (create) => {
      const { store, clock, gone } = bench(create);
      store.set('a', ByteView.from('1'), clock.now() + 1000);
      await clock.advance(999);
      assert.equal(read(store, 'a'), '1');
      await clock.advance(1);
      assert.equal(store.get('a'), undefined);
      assert.deepEqual(gone, [{ key: 'a', value: '1', reason: 'expired' }]);
      assert.equal(store.usage().liveBytes, 0);
    },
  },
  {
    name: 'says when a value was stored and until when it lives',
    run: async (create) => {
      const { store, clock } = bench(create);
      const storedAtMs = clock.now();
      store.set('a', ByteView.from('1'), storedAtMs + 5000);
      await clock.advance(2000);
      const stored = store.get('a');
      assert.equal(stored?.storedAtMs, storedAtMs);
      assert.equal(stored?.expiresAtMs, storedAtMs + 5000);
    },
  },
  {
    name: 'evicts nothing while there is room, and then the least recently used',
    run: (create) => {
      const { store, gone } = bench(create, 256 * 1024);
      const value = ByteView.from('v'.repeat(4000));
      let stored = 0;
      for (; gone.length === 0; stored++) {
        store.set(`k${stored}`, value, 0);
        read(store, 'k0');
      }
      assert.ok(stored * 4000 > 128 * 1024, `evicted at ${stored} entries`);
      assert.deepEqual(
        gone.map(({ key, reason }) => `${key} ${reason}`),
        gone.map((_, n) => `k${n + 1} evicted`),
      );
      assert.equal(store.usage().evictions, gone.length);
      assert.ok(store.get('k0') !== undefined);
    },
  },
  {
    name: 'finds by the bytes of a key, and copies the value out',
    run: (create) => {
      const { store } = bench(create);
      store.set('tom\u00e9', ByteView.from('630'), 0);
      const bytes = Buffer.from('..tom\u00e9..');
      const slot = store.findBytes(bytes, 2, 5);
      assert.ok(slot >= 0);
      assert.equal(slot, store.find('tom\u00e9'));
      assert.equal(store.valueLength(slot), 3);
      const target = Buffer.from('------');
      assert.equal(store.read(slot, target, 2), 3);
      assert.equal(target.toString(), '--630-');
      assert.equal(store.read(slot, target, 5), 1);
      assert.equal(store.findBytes(bytes, 1, 5), -1);
      assert.equal(store.find('tom'), -1);
    },
  },
  {
    name: 'never exceeds its budget, whatever the sizes',
    run: (create) => {
      const { store } = bench(create, 20_000);
      for (let n = 0; n < 1000; n++) {
        store.set(`key-${n % 50}`, ByteView.from('x'.repeat((n * 7919) % 3000)), 0);
        const { bytes, maxBytes } = store.usage();
        assert.ok(bytes <= maxBytes, `${bytes} bytes of ${maxBytes}`);
      }
    },
  },
  {
    name: 'does not keep a value beyond its budget, evicts nothing for it, and leaves no older one behind',
    run: (create) => {
      const { store, gone } = bench(create, 64 * 1024);
      store.set('k0', ByteView.from('v0'), 0);
      store.set('k1', ByteView.from('v1'), 0);
      const large = ByteView.from('x'.repeat(64 * 1024));
      assert.equal(store.fits('k1', large), false);
      assert.equal(store.fits('k1', ByteView.from('v')), true);
      assert.equal(store.set('k1', large, 0), false);
      assert.equal(read(store, 'k0'), 'v0');
      assert.equal(store.get('k1'), undefined);
      assert.deepEqual(gone, [{ key: 'k1', value: 'v1', reason: 'replaced' }]);
    },
  },
  {
    name: 'keeps what fits, however large',
    run: (create) => {
      const { store } = bench(create, 8 * ROOMY);
      for (const size of [100, 10_000, 300_000, 2_000_000, 5_000_000]) {
        const value = ByteView.from(Buffer.alloc(size, size % 251));
        assert.equal(store.fits(`k${size}`, value), true, `${size} bytes`);
        assert.equal(store.set(`k${size}`, value, 0), true, `${size} bytes`);
        assert.ok(store.get(`k${size}`)?.value.equals(value), `${size} bytes`);
      }
    },
  },
  {
    name: 'is empty after a clear, and usable',
    run: (create) => {
      const { store, gone } = bench(create);
      for (let n = 0; n < 10; n++) store.set(`k${n}`, ByteView.from('v'), 0);
      store.clear();
      assert.equal(store.usage().entries, 0);
      assert.equal(store.usage().liveBytes, 0);
      assert.equal(gone.length, 10);
      assert.equal(gone[0]?.reason, 'removed');
      store.set('k1', ByteView.from('w'), 0);
      assert.equal(read(store, 'k1'), 'w');
    },
  },
];
