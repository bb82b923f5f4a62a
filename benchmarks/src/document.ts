// The pages in docs/ that a suite writes in its full form: what was measured, as a table and a chart.

import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type BenchRow, formatNumber } from './report.ts';

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));

/** A page and its chart. */
export interface BenchDocument {
  /** The name of the suite, and of both files. */
  readonly suite: string;
  readonly title: string;
  /** What was measured, and how, in Markdown. */
  readonly text: string;
  readonly rows: readonly BenchRow[];
  /** The chart as SVG. */
  readonly chart: string;
}

/** Writes `docs/<suite>.md` and `docs/<suite>.svg` in place of older ones. */
export function writeDocument(document: BenchDocument): void {
  writeFileSync(`${DOCS}${document.suite}.svg`, document.chart);
  writeFileSync(`${DOCS}${document.suite}.md`, documentPage(document));
}

/** The page in Markdown. */
export function documentPage({ suite, title, text, rows }: BenchDocument): string {
  const machine = `${availableParallelism()} × ${cpus()[0]?.model ?? 'CPU'}`;
  return [
    `# ${title}`,
    '',
    text.trim(),
    '',
    `Measured by \`npm run -s bench -- ${suite}\` with Node ${process.version} on ${machine}.`,
    '',
    `![${title}](${suite}.svg)`,
    '',
    '| | HgCache | others | ratio | goal | |',
    '|---|--:|---|--:|---|---|',
    ...rows.map((row) => `| ${rowCells(row).join(' | ')} |`),
    '',
  ].join('\n');
}

function rowCells(row: BenchRow): string[] {
  const others = Object.entries(row.against).map(([name, value]) => `${name} ${formatNumber(value)}`);
  const goal = row.goal === null ? '' : `${row.goal.replace('<=', '≤').replace('>=', '≥')}${markOf(row.met)}`;
  return [
    row.name,
    `${formatNumber(row.value)} ${row.unit}`,
    others.join(', '),
    row.ratio === null ? '' : formatNumber(row.ratio),
    goal,
    row.note,
  ];
}

function markOf(isMet: boolean | null): string {
  if (isMet === null) return '';
  return isMet ? ' ✓' : ' ✗';
}
