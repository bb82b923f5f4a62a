// The suite `policies`: the hit ratios of the eviction policies on recorded traces, beside published figures, and what
// the policies cost.
//
// How it is measured: hit ratios by simulation of a read-through cache that starts empty and inserts every miss. They
// do not depend on the machine, so they are not medians. Traces are read from a folder beside the project; without it,
// requests by Zipf's law stand in.

import { bestHitRatio, hitRatio } from '../cache-simulation.ts';
import { writeDocument } from '../document.ts';
import { type CacheSize, REFERENCE_RATIOS, type ReferenceRatios } from '../reference-ratios.ts';
import { type BenchRow, createRow, type Goal, type SuiteOptions } from '../report.ts';
import { hasTraces, readTrace, type Trace, zipfTrace } from '../trace.ts';
import { costRows } from './policies-cost.ts';
import { policiesDocument } from './policies-document.ts';
import { type Measured, POLICIES, POLICY_NAMES, type PolicyName } from './policies-subjects.ts';

const PERCENTS = [0.1, 1, 10];

// What is simulated in bytes: traces with the real sizes of the values.
const SIZED_TRACES = [
  'cp_vscsi_sized',
  'mini/nasa_http_19950801',
  'mini/adaptsize_67k',
  'mini/metacdn_10k_ttl',
];

// Five million requests each; left out in the quick form.
const LONG_TRACES = ['orm_busy', 'cp_w106'];

/** How far S3-FIFO may stay behind the published figure, in points. */
const S3_TOLERANCE = 0.5;

/** How far W-TinyLFU's mean may stay behind that of the best policy, in points. */
const MEAN_TOLERANCE = 1;

/** Simulates every policy on every trace, and measures what the policies cost. */
export async function policiesSuite({ quick, onProgress }: SuiteOptions): Promise<readonly BenchRow[]> {
  const isRecorded = hasTraces();
  if (!isRecorded) onProgress('there is no folder shared/traces beside the project: Zipf requests stand in');
  const measured = isRecorded ? recorded(quick, onProgress) : generated(quick);
  const rows = measured.flatMap(ratioRows);
  rows.push(...meanRows(measured));
  onProgress('cost');
  const costs = await costRows(quick);
  if (isRecorded && !quick) writeDocument(policiesDocument(measured, [...meanRows(measured), ...costs]));
  return [...rows, ...costs];
}

function recorded(quick: boolean, onProgress: SuiteOptions['onProgress']): Measured[] {
  const measured: Measured[] = [];
  const wanted = REFERENCE_RATIOS.filter(({ trace }) => !quick || !LONG_TRACES.includes(trace));
  for (const name of new Set([...wanted.map(({ trace }) => trace), ...SIZED_TRACES])) {
    onProgress(name);
    const trace = readTrace(name);
    for (const reference of wanted) if (reference.trace === name) measured.push(byEntries(trace, reference));
    if (SIZED_TRACES.includes(name)) measured.push(...PERCENTS.map((percent) => byBytes(trace, percent)));
  }
  return measured;
}

function generated(quick: boolean): Measured[] {
  const trace = zipfTrace(quick ? 500_000 : 3_000_000, 200_000);
  return PERCENTS.flatMap((percent) => {
    const capacity = entriesOf(trace, { percent });
    const label = `${trace.name} ${percent}%`;
    const min = bestHitRatio(trace, capacity);
    return [{ label, ratios: ratiosOf(trace, capacity), min }, byBytes(trace, percent)];
  });
}

function byEntries(trace: Trace, reference: ReferenceRatios): Measured {
  const { size } = reference;
  const label = `${shortName(trace)} ${'percent' in size ? `${size.percent}%` : `C=${size.entries}`}`;
  return { label, ratios: ratiosOf(trace, entriesOf(trace, size)), reference, min: reference.min };
}

/** With a share of what all values take together as the capacity. */
function byBytes(trace: Trace, percent: number): Measured {
  const total = trace.sizes.reduce((sum, size) => sum + size, 0);
  return {
    label: `${shortName(trace)} ${percent}% of bytes`,
    ratios: ratiosOf(trace, Math.round((total * percent) / 100), trace.sizes),
  };
}

function ratiosOf(trace: Trace, maxBytes: number, sizes?: Float64Array): Measured['ratios'] {
  const capacity = { maxBytes, ...(sizes && { sizes }) };
  const entries = POLICY_NAMES.map((name) => [name, hitRatio(trace, capacity, POLICIES[name].create)]);
  return Object.fromEntries(entries) as Measured['ratios'];
}

function entriesOf(trace: Trace, size: CacheSize): number {
  return 'entries' in size ? size.entries : Math.round((trace.sizes.length * size.percent) / 100);
}

function shortName({ name }: Trace): string {
  return name.replace('mini/', '');
}

function ratioRows({ label, ratios, reference, min }: Measured): BenchRow[] {
  return POLICY_NAMES.map((name) => {
    const published = reference?.[POLICIES[name].column];
    const goal = reference && goalFor(name, reference);
    const toTwoDecimals = Number(ratios[name].toFixed(2));
    return createRow({
      name: `${label}, ${name}`,
      unit: '% hits',
      value: toTwoDecimals,
      against: {
        ...(published !== undefined && { reference: published }),
        ...(min !== undefined && { MIN: min }),
      },
      ...(goal && { goal }),
      ...(name === 'lfu' && published !== undefined && { note: 'the reference does not age' }),
    });
  });
}

function goalFor(name: PolicyName, reference: ReferenceRatios): Goal | undefined {
  switch (name) {
    case 'lfu':
      return undefined;
    case 's3-fifo':
      return { atLeast: Number((reference.s3Fifo - S3_TOLERANCE).toFixed(2)) };
    case 'w-tinylfu': {
      // Where what is new is asked for again, a fixed window falls behind LRU, and an adaptive one should not.
      const isOrm =
        reference.trace === 'orm_busy' && 'percent' in reference.size && reference.size.percent === 10;
      return { atLeast: isOrm ? Math.max(reference.wTinyLfu, reference.lru) : reference.wTinyLfu };
    }
    default:
      return { equals: reference[POLICIES[name].column] };
  }
}

/** The means over all rows with published figures; the best policy among those is the measure for W-TinyLFU. */
function meanRows(measured: readonly Measured[]): BenchRow[] {
  const compared = measured.flatMap((each) =>
    each.reference ? [{ ...each, reference: each.reference }] : [],
  );
  if (compared.length === 0) return [];
  const meanOf = (figure: (each: (typeof compared)[number]) => number): number => {
    return compared.reduce((sum, each) => sum + figure(each), 0) / compared.length;
  };
  const published = ['lru', 'fifo', 'lfu', 'sieve', 's3Fifo', 'wTinyLfu', 'arc'] as const;
  const means = [
    ...published.map((column) => meanOf(({ reference }) => reference[column])),
    ...POLICY_NAMES.map((name) => meanOf(({ ratios }) => ratios[name])),
  ];
  const best = Number((Math.max(...means) - MEAN_TOLERANCE).toFixed(2));
  return POLICY_NAMES.map((name) => {
    return createRow({
      name: `mean of ${compared.length} rows, ${name}`,
      unit: '% hits',
      value: Number(meanOf(({ ratios }) => ratios[name]).toFixed(2)),
      against: {
        reference: meanOf(({ reference }) => reference[POLICIES[name].column]),
        ARC: meanOf(({ reference }) => reference.arc),
        MIN: meanOf(({ reference }) => reference.min),
      },
      ...(name === 'w-tinylfu' && { goal: { atLeast: best } }),
    });
  });
}
