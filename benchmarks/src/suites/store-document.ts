// What docs/store.md says about the suite `store`, and how its chart looks.

import { barChart } from '../bar-chart.ts';
import type { BenchDocument } from '../document.ts';
import { type BenchRow, formatNumber } from '../report.ts';

const TITLE = 'The store compared';

const TEXT = `
A heap of objects is what makes a large cache in Node.js expensive: every entry costs several times its bytes, and the
garbage collector walks all of them. HgCache keeps keys and values as bytes outside of the heap. This page compares that
with lru-cache, which keeps objects on it.

- Keys of 16 bytes, values of 100 bytes, in random order. Each side runs in a process of its own, and the sides of a row
  take turns; times are medians of 7 rounds.
- Times are CPU time of the whole process per operation, garbage collection included; rates are operations per second of
  it. So other work on the machine counts for little.
- *get from bytes into a buffer* is what answers a peer: the key stands in a buffer, and the value is copied into
  another. lru-cache needs a string for it. *insert with eviction* begins with key bytes as well, and each side keeps a
  copy of the value; every insertion makes another entry leave.
- *longest pause*: half reads and half writes by Zipf's law with the exponent 0.99, of twice as many keys as there is
  room for. After every 64 operations the time and the CPU time of the process are read; a pause is the smaller of the
  two differences, so that a process that was kept waiting for a CPU does not count. What a virtual machine's host takes
  away counts all the same; so the note says how long a loop that does next to nothing was held up.
- *mixed value sizes*: log-normal around 1,000 bytes, written until the budget was turned over six times.
- bentocache runs with its memory driver as it comes. Go groupcache reads through a \`ByteView\`, which copies nothing.
`;

const OURS = 'HgCache';

/** The page for rows of a full run. */
export function storeDocument(rows: readonly BenchRow[]): BenchDocument {
  const compared = rows.filter((row) => row.ratio !== null);
  const rivals = new Set(compared.flatMap((row) => Object.keys(row.against)));
  return {
    suite: 'store',
    title: TITLE,
    text: TEXT,
    rows,
    chart: barChart({
      title: TITLE,
      subtitle:
        'Every group on a scale of its own. Rates (M/CPU s): longer is better; all else: shorter is better.',
      series: [OURS, ...rivals],
      groups: compared.map((row) => {
        const figures = [[OURS, row.value] as const, ...Object.entries(row.against)];
        const largest = Math.max(...figures.map(([, value]) => value));
        return {
          label: row.name.replace(/, against .*$/, ''),
          bars: figures.map(([series, value]) => ({
            series,
            share: value / largest,
            text: `${formatNumber(value)} ${row.unit}`,
          })),
        };
      }),
    }),
  };
}
