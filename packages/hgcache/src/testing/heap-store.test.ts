import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteView } from '../byte-view.ts';
import { createFifo } from '../eviction/fifo.ts';
import { createLru } from '../eviction/lru.ts';
import { createFakeClock } from './fake-clock.ts';
import { HEAP_ENTRY_BYTES, HeapStore } from './heap-store.ts';
import { storeContract } from './store-contract.ts';

describe('HeapStore', () => {
  for (const { name, run } of storeContract) {
    it(name, () => run((options) => new HeapStore({ ...options, eviction: createLru })));
  }

  it('counts the bytes of key and value and a fixed overhead', () => {
    const store = new HeapStore({ maxBytes: 10_000, eviction: createLru, clock: createFakeClock() });
    store.set('é', ByteView.from('12345'), 0);
    expect(store.usage()).toEqual({
      entries: 1,
      bytes: 2 + 5 + HEAP_ENTRY_BYTES,
      liveBytes: 2 + 5 + HEAP_ENTRY_BYTES,
      maxBytes: 10_000,
      evictions: 0,
    });
  });

  it('evicts in the order that its policy says', () => {
    const gone: string[] = [];
    const store = new HeapStore({
      maxBytes: 2 * (HEAP_ENTRY_BYTES + 2),
      eviction: createFifo,
      clock: createFakeClock(),
      onEvicted: (key) => gone.push(key),
    });
    for (const key of ['a', 'b']) store.set(key, ByteView.from('1'), 0);
    store.get('a');
    store.set('c', ByteView.from('1'), 0);
    expect(gone).toEqual(['a']);
  });

  it('holds what a plain map holds, as long as nothing has to make room', () => {
    const operation = fc.oneof(
      fc.record({ kind: fc.constant('set' as const), key: fc.nat(9), size: fc.nat(50), ttlMs: fc.nat(3) }),
      fc.record({ kind: fc.constant('remove' as const), key: fc.nat(9) }),
      fc.record({ kind: fc.constant('get' as const), key: fc.nat(9) }),
      fc.record({ kind: fc.constant('turn' as const), ms: fc.nat(3) }),
    );
    fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 60 }), async (operations) => {
        const clock = createFakeClock();
        const store = new HeapStore({ maxBytes: 1024 * 1024, eviction: createLru, clock });
        const model = new Map<string, { size: number; untilMs: number }>();
        for (const step of operations) {
          if (step.kind === 'turn') {
            await clock.advance(step.ms);
            continue;
          }
          const key = `key-${step.key}`;
          if (step.kind === 'set') {
            const untilMs = step.ttlMs === 0 ? 0 : clock.now() + step.ttlMs;
            store.set(key, ByteView.from('x'.repeat(step.size)), untilMs);
            model.set(key, { size: step.size, untilMs });
          } else if (step.kind === 'remove') {
            store.remove(key);
            model.delete(key);
          } else {
            const held = model.get(key);
            const isAlive = held !== undefined && (held.untilMs === 0 || clock.now() < held.untilMs);
            expect(store.get(key)?.value.length).toBe(isAlive ? held.size : undefined);
          }
        }
      }),
    );
  });
});
