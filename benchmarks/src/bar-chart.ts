// Charts of the results for the documents: groups of horizontal bars, as SVG.

import { COLOURS, svgDocument, textAt } from './svg.ts';

/** A chart: every group compares the same series. */
export interface BarChart {
  readonly title: string;
  /** What the length of a bar means; stands below the title. */
  readonly subtitle: string;
  /** The names of the series, in the order of their colours. */
  readonly series: readonly string[];
  readonly groups: readonly BarGroup[];
}

/** Bars that belong together. */
export interface BarGroup {
  readonly label: string;
  readonly bars: readonly Bar[];
}

/** One bar. */
export interface Bar {
  readonly series: string;
  /** The length, from 0 to 1 of the width. */
  readonly share: number;
  /** What stands at its end. */
  readonly text: string;
}

const WIDTH = 860;
const MARGIN = 24;
const LABEL_WIDTH = 290;
const TEXT_WIDTH = 110;
const BAR_HEIGHT = 13;
const BAR_GAP = 3;
const GROUP_GAP = 14;
const HEADER_HEIGHT = 92;
const SHORTEST_BAR = 1;

/** The chart as SVG. */
export function barChart({ title, subtitle, series, groups }: BarChart): string {
  const colourOf = new Map(series.map((name, index) => [name, COLOURS[index % COLOURS.length] as string]));
  const parts = [
    textAt(MARGIN, 34, title, 'font-size="18" font-weight="600"'),
    textAt(MARGIN, 54, subtitle, 'font-size="12" fill="#555555"'),
  ];
  let legendX = MARGIN;
  for (const [name, colour] of colourOf) {
    parts.push(`<rect x="${legendX}" y="66" width="11" height="11" fill="${colour}"/>`);
    parts.push(textAt(legendX + 16, 76, name, 'font-size="12"'));
    legendX += 16 + 7 * name.length + 18;
  }
  let y = HEADER_HEIGHT;
  const barsX = MARGIN + LABEL_WIDTH;
  const room = WIDTH - barsX - TEXT_WIDTH - MARGIN;
  for (const { label, bars } of groups) {
    const height = bars.length * (BAR_HEIGHT + BAR_GAP);
    parts.push(textAt(barsX - 10, y + height / 2 + 2, label, 'font-size="12" text-anchor="end"'));
    for (const bar of bars) {
      const length = Math.max(SHORTEST_BAR, Math.min(1, bar.share) * room);
      const fill = colourOf.get(bar.series);
      if (fill === undefined) throw new RangeError(`there is no series ${JSON.stringify(bar.series)}`);
      parts.push(
        `<rect x="${barsX}" y="${y}" width="${length.toFixed(1)}" height="${BAR_HEIGHT}" fill="${fill}"/>`,
      );
      parts.push(textAt(barsX + length + 6, y + BAR_HEIGHT - 2, bar.text, 'font-size="11" fill="#333333"'));
      y += BAR_HEIGHT + BAR_GAP;
    }
    y += GROUP_GAP;
  }
  return svgDocument(title, WIDTH, y + MARGIN - GROUP_GAP, parts);
}
