// The charts: what is drawn is what was measured.

import { expect, test } from 'vitest';
import { barChart } from './bar-chart.ts';

const chart = {
  title: 'Time & memory',
  subtitle: 'shorter is better',
  series: ['ours', 'theirs'],
  groups: [
    {
      label: 'read <1 M',
      bars: [
        { series: 'ours', share: 0.25, text: '25 ns' },
        { series: 'theirs', share: 1, text: '100 ns' },
      ],
    },
  ],
};

function barWidths(svg: string): number[] {
  return Array.from(svg.matchAll(/<rect x="\d+" y="\d+" width="([\d.]+)" height="13"/g), ([, width]) =>
    Number(width),
  );
}

test('bars are as long as their shares', () => {
  const [ours = 0, theirs = 0] = barWidths(barChart(chart));
  expect(theirs).toBeGreaterThan(200);
  expect(ours / theirs).toBeCloseTo(0.25, 2);
});

test('text is text, whatever it holds', () => {
  const svg = barChart(chart);
  expect(svg).toContain('>Time &amp; memory<');
  expect(svg).toContain('>read &lt;1 M<');
  expect(svg).toContain('>100 ns<');
});

test('a bar of nothing can be seen, and one of too much stays within the picture', () => {
  const [group] = chart.groups;
  const bars = [0, 7].map((share) => ({ series: 'ours', share, text: '' }));
  const [nothing, much] = barWidths(barChart({ ...chart, groups: [{ label: group?.label ?? '', bars }] }));
  expect(nothing).toBe(1);
  expect(much).toBe(barWidths(barChart(chart))[1]);
});

test('a bar of an unknown series is an error that names it', () => {
  const groups = [{ label: 'x', bars: [{ series: 'nobody', share: 1, text: '' }] }];
  expect(() => barChart({ ...chart, groups })).toThrow('"nobody"');
});
