import { describe, expect, it } from 'vitest';
import { FrequencySketch } from './frequency-sketch.ts';

const hashOf = (key: number): number => Math.imul(key, 0x9e3779b1) >>> 0;

describe('FrequencySketch', () => {
  it('counts the uses of a key up to 15', () => {
    const sketch = new FrequencySketch();
    expect(sketch.frequency(hashOf(1))).toBe(0);
    for (let use = 1; use <= 20; use++) {
      sketch.add(hashOf(1), 100);
      expect(sketch.frequency(hashOf(1))).toBe(Math.min(use, 15));
    }
    expect(sketch.frequency(hashOf(2))).toBe(0);
  });

  it('never counts less than there was, and seldom more, with as many keys as entries', () => {
    const sketch = new FrequencySketch();
    for (let key = 0; key < 10_000; key++)
      for (let use = 0; use <= key % 5; use++) sketch.add(hashOf(key), 10_000);
    let over = 0;
    for (let key = 0; key < 10_000; key++) {
      const count = sketch.frequency(hashOf(key));
      expect(count).toBeGreaterThanOrEqual((key % 5) + 1);
      if (count > (key % 5) + 1) over++;
    }
    expect(over).toBeLessThan(1000);
  });

  it('forgets nothing while it grows with the entries', () => {
    const sketch = new FrequencySketch();
    for (let use = 0; use < 7; use++) sketch.add(hashOf(1), 1);
    for (let entries = 2; entries < 20_000; entries++) sketch.add(hashOf(entries), entries);
    expect(sketch.frequency(hashOf(1))).toBe(7);
    expect(sketch.bytes()).toBeGreaterThan(8 * 19_000);
  });

  it('halves all counts when the sample is full', () => {
    const sketch = new FrequencySketch();
    for (let use = 0; use < 12; use++) sketch.add(hashOf(1), 100);
    for (let use = 12; use < 8191; use++) sketch.add(hashOf(2), 100);
    expect(sketch.frequency(hashOf(1))).toBe(12);
    for (let use = 0; use < 20; use++) sketch.add(hashOf(2), 100);
    expect(sketch.frequency(hashOf(1))).toBe(6);
  });
});
