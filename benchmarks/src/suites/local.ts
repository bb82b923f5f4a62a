// The suite `local`: what a hit in this process costs, against lru-cache and Go's groupcache.
//
// How it is measured: 10,000 keys of 16 bytes, values of 100 bytes, all of them present; one get after another, keys
// in shuffled order. Every side runs in a fresh process of its own, so that none is slowed down by the shapes that
// another has shown to the compiler, and the sides of a row take turns, round by round. A side warms up for a round
// first. Every value is looked at, and the sum of that leaves the loop, so that no work can be optimised away. What
// counts is the CPU time of the whole process, so that a machine with other work to do does not change the figures.

import { fileURLToPath } from 'node:url';
import { GO_NAME, withGoSide } from '../go-side.ts';
import { measure } from '../measure.ts';
import { type BenchRow, createRow, type SuiteOptions } from '../report.ts';
import { type SideProcess, startSideProcess } from '../side-process.ts';
import type { SideKind, ValueKind } from './local-sides.ts';

const SIDES = fileURLToPath(new URL('./local-sides.ts', import.meta.url));

/** One row: our side, and those of others by the names that the table gives them. */
interface Comparison {
  readonly name: string;
  readonly values: ValueKind;
  readonly ours: SideKind;
  readonly others: Readonly<Record<string, SideKind>>;
  readonly isAgainstGo: boolean;
  readonly note?: string;
}

const SHARED_NOTE = 'lru-cache hands its object out to everybody, HgCache a fresh one';

const COMPARISONS: readonly Comparison[] = [
  {
    name: 'getIfPresent, bytes',
    values: 'bytes',
    ours: 'hgcache-get-if-present',
    others: { 'lru-cache get': 'lru-cache-get' },
    isAgainstGo: true,
  },
  {
    name: 'getIfPresent, string',
    values: 'string',
    ours: 'hgcache-get-if-present',
    others: { 'lru-cache get': 'lru-cache-get' },
    isAgainstGo: false,
  },
  {
    name: 'getIfPresent, JSON',
    values: 'json',
    ours: 'hgcache-get-if-present',
    others: { 'lru-cache get': 'lru-cache-get', 'lru-cache get + JSON.parse': 'lru-cache-get-parse' },
    isAgainstGo: false,
    note: SHARED_NOTE,
  },
  {
    name: 'await get, bytes',
    values: 'bytes',
    ours: 'hgcache-get',
    others: { 'lru-cache fetch': 'lru-cache-fetch' },
    isAgainstGo: true,
  },
  {
    name: 'await get, string',
    values: 'string',
    ours: 'hgcache-get',
    others: { 'lru-cache fetch': 'lru-cache-fetch' },
    isAgainstGo: false,
  },
  {
    name: 'await get, JSON',
    values: 'json',
    ours: 'hgcache-get',
    others: { 'lru-cache fetch': 'lru-cache-fetch' },
    isAgainstGo: false,
    note: SHARED_NOTE,
  },
];

/** Measures a local hit: by the synchronous and the asynchronous call, with every codec. */
export async function localSuite({ quick, onProgress }: SuiteOptions): Promise<readonly BenchRow[]> {
  const rounds = quick ? 3 : 9;
  const roundMs = quick ? 150 : 400;
  onProgress('building the Go side');
  return withGoSide(async (go) => {
    const rows: BenchRow[] = [];
    for (const comparison of COMPARISONS) {
      onProgress(comparison.name);
      rows.push(await compare(comparison, go, { rounds, roundMs }));
    }
    return rows;
  });
}

async function compare(
  comparison: Comparison,
  go: string | undefined,
  options: { readonly rounds: number; readonly roundMs: number },
): Promise<BenchRow> {
  const start = (name: string, kind: SideKind) =>
    startSideProcess(name, process.execPath, [SIDES, kind, comparison.values]);
  const sides: SideProcess[] = [start('HgCache', comparison.ours)];
  for (const [name, kind] of Object.entries(comparison.others)) sides.push(start(name, kind));
  if (comparison.isAgainstGo && go !== undefined) sides.push(startSideProcess(GO_NAME, go, []));
  try {
    const [ours, ...others] = await measure(sides, options);
    const notes = comparison.note === undefined ? [] : [comparison.note];
    if (comparison.isAgainstGo && go === undefined) notes.push(`${GO_NAME} left out: it is not installed`);
    return createRow({
      name: comparison.name,
      unit: 'CPU ns/op',
      value: ours?.cpuNs ?? Number.NaN,
      against: Object.fromEntries(others.map((cost, index) => [sides[index + 1]?.name ?? '', cost.cpuNs])),
      note: notes.join('; '),
    });
  } finally {
    await Promise.all(sides.map((side) => side.close()));
  }
}
