// The form of the results: machines read the JSON, so its keys and its arithmetic must not drift.

import { describe, expect, test } from 'vitest';
import { createRow, formatJson, formatTable, type Goal, median } from './report.ts';

describe('a row', () => {
  test('has every key, also where there is nothing to say', () => {
    expect(createRow({ name: 'get', unit: 'ns/op', value: 123.456 })).toEqual({
      name: 'get',
      unit: 'ns/op',
      value: 123.5,
      against: {},
      ratio: null,
      goal: null,
      met: null,
      note: '',
    });
  });

  test('compares with the first of the others', () => {
    const row = createRow({ name: 'get', unit: 'ns/op', value: 50, against: { 'lru-cache': 100, Go: 200 } });
    expect(row.ratio).toBe(0.5);
    expect(row.against).toEqual({ 'lru-cache': 100, Go: 200 });
  });

  test.each<[Goal, string, boolean]>([
    [{ atMost: 50 }, '<= 50', true],
    [{ atMost: 49 }, '<= 49', false],
    [{ atLeast: 50 }, '>= 50', true],
    [{ atLeast: 51 }, '>= 51', false],
    [{ equals: 50 }, '= 50', true],
    [{ equals: 50.01 }, '= 50.01', false],
    [{ ratioAtMost: 0.5 }, 'ratio <= 0.5', true],
    [{ ratioAtMost: 0.4 }, 'ratio <= 0.4', false],
    [{ ratioAtLeast: 0.5 }, 'ratio >= 0.5', true],
    [{ ratioAtLeast: 0.6 }, 'ratio >= 0.6', false],
  ])('with the goal %o says whether it was met', (goal, text, isMet) => {
    const row = createRow({ name: 'get', unit: 'ns/op', value: 50, against: { other: 100 }, goal });
    expect(row).toMatchObject({ goal: text, met: isMet });
  });

  test('leaves a goal against the others open when they are not there', () => {
    const row = createRow({ name: 'get', unit: 'ns/op', value: 50, goal: { ratioAtMost: 0.5 } });
    expect(row.met).toBeNull();
  });
});

test.each([
  [[3], 3],
  [[9, 1, 5], 5],
  [[10, 9, 100], 10],
  [[4, 1, 3, 2], 2.5],
])('the median of %o is %d', (figures, expected) => {
  expect(median(figures)).toBe(expected);
});

test('there is no median of nothing', () => {
  expect(() => median([])).toThrow(RangeError);
});

test('the JSON is one line with the suite, the Node, the CPUs and the rows', () => {
  const rows = [createRow({ name: 'get', unit: 'ns/op', value: 1 })];
  const line = formatJson('local', rows);
  expect(line).not.toContain('\n');
  expect(JSON.parse(line)).toEqual({
    suite: 'local',
    node: process.version,
    cpus: expect.any(Number),
    rows,
  });
});

test('the table stands in columns', () => {
  const rows = [
    createRow({ name: 'get', unit: 'ns/op', value: 50, against: { 'lru-cache': 100 }, goal: { atMost: 60 } }),
    createRow({ name: 'await get', unit: 'ns/op', value: 12_345.6, note: 'no rival' }),
  ];
  expect(formatTable('local', rows).split('\n').slice(2)).toEqual([
    '            value  unit   against        ratio  goal     note',
    'get            50  ns/op  lru-cache 100    0.5  <= 60 ✓',
    'await get  12,350  ns/op                                 no rival',
  ]);
});
