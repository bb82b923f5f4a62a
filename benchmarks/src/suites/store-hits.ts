// The rows of the suite `store` that go through a group: a hit in this process, against lru-cache, bentocache and Go.

import { fileURLToPath } from 'node:url';
import { GO_NAME } from '../go-side.ts';
import { type MeasureOptions, measure } from '../measure.ts';
import { type BenchRow, createRow, type Goal } from '../report.ts';
import { type SideProcess, startSideProcess } from '../side-process.ts';
import type { Demand, SideKind, ValueKind } from './local-sides.ts';

const SIDES = fileURLToPath(new URL('./local-sides.ts', import.meta.url));

/** What HgCache is compared with: a side that is a process of Node, or the Go program. */
interface Rival {
  readonly name: string;
  readonly kind: SideKind | 'go';
  readonly goal: Goal;
}

/** One comparison, which makes a row for each rival. */
interface HitComparison {
  readonly name: string;
  readonly values: ValueKind;
  readonly demand: Demand;
  readonly ours: SideKind;
  readonly rivals: readonly Rival[];
}

const GET_RIVAL = { name: 'lru-cache get', kind: 'lru-cache-get' } as const;

const GET_RIVALS: readonly Rival[] = [
  { name: 'lru-cache fetch', kind: 'lru-cache-fetch', goal: { ratioAtLeast: 0.8 } },
  { name: 'bentocache get', kind: 'bentocache-get', goal: { ratioAtLeast: 5 } },
  { name: GO_NAME, kind: 'go', goal: { ratioAtLeast: 2 } },
];

function comparisons(isQuick: boolean): readonly HitComparison[] {
  const present = (['bytes', 'string'] as const).map(
    (values): HitComparison => ({
      name: `getIfPresent, 10 k keys, ${values}`,
      values,
      demand: 'all',
      ours: 'hgcache-get-if-present',
      rivals: [{ ...GET_RIVAL, goal: { ratioAtLeast: 0.8 } }],
    }),
  );
  const skewed = (['bytes', 'string'] as const).map(
    (values): HitComparison => ({
      name: `getIfPresent, Zipf 0.99 over ${isQuick ? '100 k' : '1 M'} keys, ${values}`,
      values,
      demand: isQuick ? 'zipf-small' : 'zipf',
      ours: 'hgcache-get-if-present',
      rivals: [{ ...GET_RIVAL, goal: { ratioAtLeast: 1 } }],
    }),
  );
  return [
    ...present,
    ...skewed,
    {
      name: 'await group.get, 10 k keys, string',
      values: 'string',
      demand: 'all',
      ours: 'hgcache-get',
      rivals: GET_RIVALS,
    },
    {
      name: 'await group.get, 10 k keys, JSON, frozen',
      values: 'json',
      demand: 'all',
      ours: 'hgcache-get-frozen',
      rivals: GET_RIVALS,
    },
  ];
}

/** How hits are measured. */
export interface HitOptions extends MeasureOptions {
  /** Whether there is no time to fill a group with a million keys. */
  readonly isQuick: boolean;
  readonly onProgress: (text: string) => void;
}

/** Measures a hit through a group; `go` is the program of the Go side, where there is one. */
export async function hitRows(go: string | undefined, options: HitOptions): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const comparison of comparisons(options.isQuick)) {
    options.onProgress(comparison.name);
    rows.push(...(await compare(comparison, go, options)));
  }
  return rows;
}

async function compare(
  { name, values, demand, ours, rivals }: HitComparison,
  go: string | undefined,
  options: MeasureOptions,
): Promise<BenchRow[]> {
  const start = (side: string, kind: SideKind): SideProcess =>
    startSideProcess(side, process.execPath, [
      '--max-old-space-size=8192',
      '--expose-gc',
      SIDES,
      kind,
      values,
      demand,
    ]);
  const sides = [start('HgCache', ours)];
  const present: Rival[] = [];
  for (const rival of rivals) {
    if (rival.kind !== 'go') sides.push(start(rival.name, rival.kind));
    else if (go !== undefined) sides.push(startSideProcess(rival.name, go, []));
    else continue;
    present.push(rival);
  }
  try {
    const [own, ...others] = await measure(sides, options);
    const rate = (cpuNs: number | undefined): number => 1000 / (cpuNs ?? Number.NaN);
    return present.map((rival, index) =>
      createRow({
        name: present.length === 1 ? name : `${name}, against ${rival.name}`,
        unit: 'M/CPU s',
        value: rate(own?.cpuNs),
        against: { [rival.name]: rate(others[index]?.cpuNs) },
        goal: rival.goal,
      }),
    );
  } finally {
    await Promise.all(sides.map((side) => side.close()));
  }
}
