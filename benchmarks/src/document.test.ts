// The pages that the suites write: a table that Markdown reads as one.

import { expect, test } from 'vitest';
import { documentPage } from './document.ts';
import { createRow } from './report.ts';

test('a page has the figures, the goals and what they came to', () => {
  const rows = [
    createRow({ name: 'read', unit: 'ns', value: 50, against: { other: 100 }, goal: { ratioAtMost: 0.4 } }),
    createRow({ name: 'heap', unit: 'MB', value: 12_345.6, goal: { atLeast: 3 }, note: 'one fill' }),
  ];
  const page = documentPage({ suite: 'store', title: 'Stores', text: '\nHow.\n', rows, chart: '' });
  expect(page).toMatch(/^# Stores\n\nHow\.\n/);
  expect(page).toContain('![Stores](store.svg)');
  expect(page).toContain('`npm run -s bench -- store`');
  expect(page).toContain('| read | 50 ns | other 100 | 0.5 | ratio ≤ 0.4 ✗ |  |');
  expect(page).toContain('| heap | 12,350 MB |  |  | ≥ 3 ✓ | one fill |');
});
