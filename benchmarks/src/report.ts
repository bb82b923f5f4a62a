// What a benchmark reports: rows of one form for every suite, as a table for people and as JSON for machines.

import { availableParallelism } from 'node:os';

/** One measured figure. Every key is always there, so that a reader of the JSON need not guess. */
export interface BenchRow {
  /** What was measured, e.g. `getIfPresent, bytes`. */
  readonly name: string;
  /** The unit of `value` and of everything in `against`, e.g. `ns/op`. */
  readonly unit: string;
  /** HgCache's figure: the median of at least three rounds. */
  readonly value: number;
  /** The figures of others, measured in the same run; empty where there is nobody to compare with. */
  readonly against: Readonly<Record<string, number>>;
  /** `value` divided by the first figure in `against`; `null` without one. */
  readonly ratio: number | null;
  /** What the figure should be, e.g. `<= 1.05` or `ratio <= 0.5`; `null` where nothing was promised. */
  readonly goal: string | null;
  /** Whether the goal was met; `null` without one. */
  readonly met: boolean | null;
  /** What a reader should know, e.g. who was left out and why; empty where there is nothing to say. */
  readonly note: string;
}

/** A bound on the value itself, the value that it should have, or a bound on its ratio to the first of the others. */
export type Goal =
  | { readonly atMost: number }
  | { readonly atLeast: number }
  | { readonly equals: number }
  | { readonly ratioAtMost: number }
  | { readonly ratioAtLeast: number };

/** What a suite measured, before the row is completed. */
export interface BenchFigure {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly against?: Readonly<Record<string, number>>;
  readonly goal?: Goal;
  readonly note?: string;
}

/** How a suite is run. */
export interface SuiteOptions {
  /** Ends within 45 s, with fewer and shorter rounds. */
  readonly quick: boolean;
  /** Says what is being measured; it never goes to stdout. */
  readonly onProgress: (text: string) => void;
}

/** Measures one subject. */
export type Suite = (options: SuiteOptions) => Promise<readonly BenchRow[]>;

/** A complete row: figures at four significant digits, the ratio, and whether the goal was met. */
export function createRow(figure: BenchFigure): BenchRow {
  const against = Object.fromEntries(
    Object.entries(figure.against ?? {}).map(([name, value]) => [name, rounded(value)]),
  );
  const value = rounded(figure.value);
  const [first] = Object.values(against);
  const ratio = first === undefined || first === 0 ? null : rounded(value / first);
  return {
    name: figure.name,
    unit: figure.unit,
    value,
    against,
    ratio,
    goal: figure.goal ? goalText(figure.goal) : null,
    met: figure.goal ? isMet(figure.goal, value, ratio) : null,
    note: figure.note ?? '',
  };
}

/** The middle of an odd number of figures, and the mean of the middle two of an even one. */
export function median(figures: readonly number[]): number {
  if (figures.length === 0) throw new RangeError('the median of no figures');
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** One line of JSON: `{"suite","node","cpus","rows"}`. */
export function formatJson(suite: string, rows: readonly BenchRow[]): string {
  return JSON.stringify({ suite, node: process.version, cpus: availableParallelism(), rows });
}

/** The rows as an aligned table, one line each. */
export function formatTable(suite: string, rows: readonly BenchRow[]): string {
  const header = ['', 'value', 'unit', 'against', 'ratio', 'goal', 'note'];
  const cells = rows.map((row) => [
    row.name,
    formatNumber(row.value),
    row.unit,
    Object.entries(row.against)
      .map(([name, value]) => `${name} ${formatNumber(value)}`)
      .join(', '),
    row.ratio === null ? '' : formatNumber(row.ratio),
    row.goal === null ? '' : `${row.goal} ${row.met ? '✓' : '✗'}`,
    row.note,
  ]);
  const isRightAligned = (column: number) => column === 1 || column === 4;
  const widths = header.map((title, column) =>
    Math.max(title.length, ...cells.map((line) => line[column]?.length ?? 0)),
  );
  const lines = [header, ...cells].map((line) =>
    line
      .map((cell, column) => {
        const width = widths[column] as number;
        return isRightAligned(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
  const title = `${suite} (Node ${process.version}, ${availableParallelism()} CPUs)`;
  return [title, '', ...lines].join('\n');
}

function goalText(goal: Goal): string {
  if ('atMost' in goal) return `<= ${goal.atMost}`;
  if ('atLeast' in goal) return `>= ${goal.atLeast}`;
  if ('equals' in goal) return `= ${goal.equals}`;
  if ('ratioAtMost' in goal) return `ratio <= ${goal.ratioAtMost}`;
  return `ratio >= ${goal.ratioAtLeast}`;
}

function isMet(goal: Goal, value: number, ratio: number | null): boolean | null {
  if ('atMost' in goal) return value <= goal.atMost;
  if ('atLeast' in goal) return value >= goal.atLeast;
  if ('equals' in goal) return value === goal.equals;
  // Without the other side there is nothing to hold the promise against.
  if (ratio === null) return null;
  return 'ratioAtMost' in goal ? ratio <= goal.ratioAtMost : ratio >= goal.ratioAtLeast;
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

/** A figure as people read it, at four significant digits. */
export function formatNumber(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 4 });
}
