// The charts are for people; what is checked here is that each figure stands where it should.

import { expect, test } from 'vitest';
import { dotChart } from './dot-chart.ts';

const chart = {
  title: 'Ratios <of> all',
  subtitle: 'in %',
  series: ['a', 'b'],
  lines: [
    { label: 'first', figures: [0, 100], limit: 50 },
    { label: 'second', figures: [undefined, 50] },
  ],
};

test('a figure from 0 to 100 stands between the ends of its line, and a missing one is left out', () => {
  const svg = dotChart(chart);
  const dots = [...svg.matchAll(/<circle cx="([\d.]+)"/g)].map(([, x]) => Number(x));
  // Two in the legend, and three figures.
  expect(dots.length).toBe(5);
  const [from, to, middle] = dots.slice(2) as [number, number, number];
  expect(to).toBeGreaterThan(from);
  expect(middle).toBeCloseTo((from + to) / 2);
  expect(svg).toContain(`<line x1="${middle.toFixed(1)}"`);
});

test('text is escaped, and the same figures give the same chart', () => {
  expect(dotChart(chart)).toContain('Ratios &lt;of&gt; all');
  expect(dotChart(chart)).toBe(dotChart(chart));
});
