import { describe, expect, it } from 'vitest';
import { ByteView } from '../byte-view.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { HOT_ENTRY_BYTES, HotStore } from './hot-store.ts';

const KIB = 1024;

function createHot(maxBytes = 64 * KIB, clock = createFakeClock()) {
  const hot = new HotStore<string>({ maxBytes, clock, keep: (bytes) => bytes.toString() });
  const offer = (key: string, text = key, expiresAtMs = 0): void => {
    hot.offer(key, { bytes: ByteView.from(text), storedAtMs: clock.now(), expiresAtMs });
  };
  /** What a caller does: asks, and offers what was not here. */
  const use = (key: string): boolean => {
    if (hot.find(key) >= 0) return true;
    offer(key);
    return false;
  };
  return { hot, offer, use, clock };
}

describe('HotStore', () => {
  it('lets a value in when it is asked for again, and hands it out', () => {
    const { hot, use } = createHot();
    expect([use('tom'), use('tom'), use('tom')]).toEqual([false, false, true]);
    expect(hot.keptAt(hot.find('tom'))).toBe('tom');
    expect(hot.bytes).toBe(3 + 3 + HOT_ENTRY_BYTES);
  });

  it('keeps nothing of a scan, also while there is room', () => {
    const { hot, use } = createHot(1024 * KIB);
    for (let n = 0; n < 4000; n++) use(`scan-${n}`);
    // The sketch counts some keys together.
    expect(hot.size).toBeLessThan(200);
  });

  it('keeps what is popular through a scan', () => {
    const { hot, use } = createHot(64 * KIB);
    const popular = Array.from({ length: 50 }, (_, n) => `popular-${n}`);
    for (let round = 0; round < 10; round++) for (const key of popular) use(key);
    for (let n = 0; n < 20_000; n++) {
      use(`scan-${n}`);
      use(popular[n % 50] as string);
    }
    expect(popular.filter((key) => hot.find(key) >= 0).length).toBeGreaterThan(45);
  });

  it('comes to hold what is popular now', () => {
    const { hot, use } = createHot(16 * KIB);
    const first = Array.from({ length: 50 }, (_, n) => `first-${n}`);
    const second = Array.from({ length: 50 }, (_, n) => `second-${n}`);
    for (let round = 0; round < 20; round++) for (const key of first) use(key);
    for (let round = 0; round < 50; round++) for (const key of second) use(key);
    expect(second.filter((key) => hot.find(key) >= 0).length).toBeGreaterThan(45);
  });

  it('never exceeds its budget, and keeps nothing that is larger', () => {
    const { hot, offer } = createHot(4 * KIB);
    for (let n = 0; n < 3000; n++) {
      for (let times = 0; times < 1 + (n % 4); times++) offer(`key-${n % 100}`, 'x'.repeat((n * 37) % 900));
      expect(hot.bytes).toBeLessThanOrEqual(4 * KIB);
    }
    for (let times = 0; times < 5; times++) offer('large', 'x'.repeat(4 * KIB));
    expect(hot.find('large')).toBe(-1);
    hot.clear();
    expect([hot.size, hot.bytes]).toEqual([0, 0]);
  });

  it('hands nothing out whose time is over, or that was removed', async () => {
    const { hot, offer, clock } = createHot();
    const untilMs = clock.now() + 1000;
    for (let times = 0; times < 2; times++) offer('tom', 'tom', untilMs);
    for (let times = 0; times < 2; times++) offer('jack');
    await clock.advance(999);
    expect(hot.expiresAtMs(hot.find('tom'))).toBe(untilMs);
    await clock.advance(1);
    expect(hot.find('tom')).toBe(-1);
    hot.remove('jack');
    hot.remove('nobody');
    expect(hot.find('jack')).toBe(-1);
    expect(hot.bytes).toBe(0);
  });

  it('takes the newer value of a key that it has', () => {
    const { hot, offer } = createHot();
    for (let times = 0; times < 2; times++) offer('tom', 'old');
    offer('tom', 'newer');
    expect(hot.keptAt(hot.find('tom'))).toBe('newer');
    expect(hot.bytes).toBe(5 + 3 + HOT_ENTRY_BYTES);
  });

  it('is not there at all without a budget', () => {
    const { hot, offer } = createHot(0);
    for (let times = 0; times < 5; times++) offer('tom');
    expect([hot.size, hot.find('tom')]).toEqual([0, -1]);
  });
});
