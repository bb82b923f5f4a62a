// The suite `store`: the byte store against lru-cache, in memory, time and pauses, and a hit through a group.
//
// How it is measured: keys of 16 bytes, values of 100 bytes, in random order. Every side runs in a process of its own,
// and the sides of a row take turns, round by round. What counts for times is the CPU time of the whole process per
// operation, garbage collection included, so that a machine with other work to do does not change the figures.

import { fileURLToPath } from 'node:url';
import { writeDocument } from '../document.ts';
import { withGoSide } from '../go-side.ts';
import { type MeasureOptions, measure } from '../measure.ts';
import { runProbe } from '../probe.ts';
import { type BenchRow, createRow, type Goal, type SuiteOptions } from '../report.ts';
import { startSideProcess } from '../side-process.ts';
import { storeDocument } from './store-document.ts';
import { hitRows } from './store-hits.ts';
import type { MemoryFigures, PauseFigures, ShareFigures } from './store-probes.ts';
import type { StoreTask } from './store-sides.ts';
import type { SubjectName } from './store-subjects.ts';

const SIDES = fileURLToPath(new URL('./store-sides.ts', import.meta.url));
const PROBES = fileURLToPath(new URL('./store-probes.ts', import.meta.url));

// For lru-cache, which has everything on the heap.
const FLAGS = ['--expose-gc', '--max-old-space-size=12288'];

const MILLION = 1_000_000;
const MIB = 1024 * 1024;

/** How much is measured. */
interface Scale {
  /** Numbers of entries. */
  readonly sizes: readonly number[];
  readonly timing: MeasureOptions;
  readonly hitTiming: MeasureOptions;
  readonly pauseEntries: number;
  readonly pauseSeconds: number;
  readonly mixedBytes: number;
}

const FULL: Scale = {
  sizes: [MILLION, 10 * MILLION],
  timing: { rounds: 7, roundMs: 500 },
  hitTiming: { rounds: 7, roundMs: 400 },
  pauseEntries: 5 * MILLION,
  pauseSeconds: 60,
  mixedBytes: 2048 * MIB,
};

const QUICK: Scale = {
  sizes: [MILLION],
  timing: { rounds: 3, roundMs: 150 },
  hitTiming: { rounds: 3, roundMs: 100 },
  pauseEntries: MILLION / 2,
  pauseSeconds: 2,
  mixedBytes: 128 * MIB,
};

const TASKS: Readonly<Record<StoreTask, string>> = {
  read: 'get from bytes into a buffer',
  insert: 'insert with eviction',
};

/** Measures the store; in full, it writes `docs/store.md` and its chart, too. */
export async function storeSuite({ quick, onProgress }: SuiteOptions): Promise<readonly BenchRow[]> {
  const scale = quick ? QUICK : FULL;
  const rows: BenchRow[] = [];
  const mixedSizes = () => mixedSizesRow(scale.mixedBytes);
  onProgress('memory, and mixed value sizes');
  // What these find does not depend on what else runs, so with little time they run side by side.
  const sharesEarly = quick ? mixedSizes() : undefined;
  for (const entries of scale.sizes) {
    rows.push(...(await memoryRows(entries, entries === scale.sizes.at(-1))));
  }
  const shares = await (sharesEarly ?? mixedSizes());
  for (const task of ['read', 'insert'] as const) {
    for (const entries of scale.sizes) {
      onProgress(`${TASKS[task]}, ${countText(entries)} entries`);
      rows.push(await timeRow(task, entries, scale.timing));
    }
  }
  const hits = { ...scale.hitTiming, isQuick: quick, onProgress };
  rows.push(...(await withGoSide((go) => hitRows(go, hits))));
  onProgress('pauses');
  rows.push(await pauseRow(scale, quick));
  rows.push(shares);
  if (!quick) writeDocument(storeDocument(rows));
  return rows;
}

async function memoryRows(entries: number, isLargest: boolean): Promise<BenchRow[]> {
  const probe = (name: SubjectName) =>
    runProbe<MemoryFigures>([...FLAGS, PROBES, 'memory', name, String(entries)]);
  const [ours, theirs] = await Promise.all([probe('byte-store'), probe('lru-cache')]);
  const resident = createRow({
    name: `resident bytes per entry, ${countText(entries)} entries`,
    unit: 'bytes',
    value: ours.residentBytes / entries,
    against: { 'lru-cache': theirs.residentBytes / entries },
    goal: { atMost: 160 },
    note: '116 of them are key and value; one fill',
  });
  if (!isLargest) return [resident];
  const heap = createRow({
    name: `JS heap at ${countText(entries)} entries`,
    unit: 'MB',
    value: ours.heapBytes / 1e6,
    against: { 'lru-cache': theirs.heapBytes / 1e6 },
    goal: { atMost: 40 },
    note: 'the whole process, after a collection',
  });
  return [resident, heap];
}

async function timeRow(task: StoreTask, entries: number, options: MeasureOptions): Promise<BenchRow> {
  const start = (name: SubjectName) =>
    startSideProcess(name, process.execPath, [...FLAGS, SIDES, name, task, String(entries)]);
  const sides = [start('byte-store'), start('lru-cache')];
  const goal: Goal = { ratioAtMost: 0.35 };
  try {
    const [ours, theirs] = await measure(sides, options);
    return createRow({
      name: `${TASKS[task]}, ${countText(entries)} entries`,
      unit: 'CPU ns/op',
      value: ours?.cpuNs ?? Number.NaN,
      against: { 'lru-cache': theirs?.cpuNs ?? Number.NaN },
      goal,
    });
  } finally {
    await Promise.all(sides.map((side) => side.close()));
  }
}

async function pauseRow({ pauseEntries, pauseSeconds }: Scale, quick: boolean): Promise<BenchRow> {
  const probe = (name: SubjectName) =>
    runProbe<PauseFigures>([...FLAGS, PROBES, 'pause', name, String(pauseEntries), String(pauseSeconds)]);
  // One after the other where there is time for it: side by side they would take each other's CPU and caches.
  const ours = probe('byte-store');
  if (!quick) await ours;
  const [own, theirs] = await Promise.all([ours, probe('lru-cache')]);
  const rate = ({ operations }: PauseFigures): string => (operations / pauseSeconds / 1e6).toFixed(2);
  return createRow({
    name: `longest pause, 50/50 Zipf load, ${countText(pauseEntries)} entries, ${pauseSeconds} s`,
    unit: 'ms',
    value: own.longestMs,
    against: { 'lru-cache': theirs.longestMs },
    goal: { atMost: 4 },
    note: [
      `over 4 ms ${own.longPauses} times, against ${theirs.longPauses}`,
      `an idle loop on this machine up to ${Math.max(own.idleMs, theirs.idleMs).toFixed(1)} ms`,
      `${rate(own)} M op/s, against ${rate(theirs)}`,
    ].join('; '),
  });
}

async function mixedSizesRow(maxBytes: number): Promise<BenchRow> {
  const { lowest, entries } = await runProbe<ShareFigures>([
    ...FLAGS,
    PROBES,
    'mixed-sizes',
    String(maxBytes),
  ]);
  const budget = maxBytes >= 1024 * MIB ? `${maxBytes / (1024 * MIB)} GiB` : `${maxBytes / MIB} MiB`;
  return createRow({
    name: `mixed value sizes 10 B–100 KiB, budget ${budget}`,
    unit: '% live',
    value: 100 * lowest,
    goal: { atLeast: 85 },
    note: `keys and values alone, lowest of many looks; ${countText(entries)} entries`,
  });
}

function countText(count: number): string {
  return count >= MILLION ? `${Number((count / MILLION).toPrecision(2))} M` : `${Math.round(count / 1000)} k`;
}
