// Charts with a line of dots for every subject, as SVG: many figures that are compared on one scale.

import { COLOURS, svgDocument, textAt } from './svg.ts';

/** A chart: every line compares the same series on a scale from 0 to 100. */
export interface DotChart {
  readonly title: string;
  /** What the place of a dot means; stands below the title. */
  readonly subtitle: string;
  /** The names of the series, in the order of their colours. */
  readonly series: readonly string[];
  readonly lines: readonly DotLine[];
}

/** A line of dots. */
export interface DotLine {
  readonly label: string;
  /** From 0 to 100, in the order of the series; left out where there is no figure. */
  readonly figures: readonly (number | undefined)[];
  /** The most that can be reached: a stroke across the line. */
  readonly limit?: number | undefined;
}

const WIDTH = 860;
const MARGIN = 24;
const LABEL_WIDTH = 190;
const LINE_HEIGHT = 24;
const HEADER_HEIGHT = 112;
const RADIUS = 4.5;

/** The chart as SVG. */
export function dotChart({ title, subtitle, series, lines }: DotChart): string {
  const parts = [
    textAt(MARGIN, 34, title, 'font-size="18" font-weight="600"'),
    textAt(MARGIN, 54, subtitle, 'font-size="12" fill="#555555"'),
  ];
  let legendX = MARGIN;
  for (const [index, name] of series.entries()) {
    parts.push(dot(legendX + 5, 72, COLOURS[index % COLOURS.length] as string));
    parts.push(textAt(legendX + 15, 76, name, 'font-size="12"'));
    legendX += 15 + 7 * name.length + 18;
  }
  const left = MARGIN + LABEL_WIDTH;
  const room = WIDTH - left - MARGIN;
  const placeOf = (figure: number): number => left + (figure / 100) * room;
  const bottom = HEADER_HEIGHT + lines.length * LINE_HEIGHT;
  for (let percent = 0; percent <= 100; percent += 20) {
    const x = placeOf(percent);
    parts.push(stroke(x, HEADER_HEIGHT - 6, x, bottom, '#dddddd'));
    parts.push(
      textAt(x, HEADER_HEIGHT - 10, `${percent}`, 'font-size="11" fill="#555555" text-anchor="middle"'),
    );
  }
  for (const [index, { label, figures, limit }] of lines.entries()) {
    const y = HEADER_HEIGHT + (index + 0.5) * LINE_HEIGHT;
    parts.push(textAt(left - 14, y + 4, label, 'font-size="12" text-anchor="end"'));
    parts.push(stroke(left, y, left + room, y, '#eeeeee'));
    if (limit !== undefined) parts.push(stroke(placeOf(limit), y - 8, placeOf(limit), y + 8, '#000000'));
    for (const [at, figure] of figures.entries()) {
      if (figure !== undefined) parts.push(dot(placeOf(figure), y, COLOURS[at % COLOURS.length] as string));
    }
  }
  return svgDocument(title, WIDTH, bottom + MARGIN, parts);
}

function dot(x: number, y: number, colour: string): string {
  return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${RADIUS}" fill="${colour}" fill-opacity="0.8"/>`;
}

function stroke(x1: number, y1: number, x2: number, y2: number, colour: string): string {
  const points = [x1, y1, x2, y2].map((value) => value.toFixed(1));
  return `<line x1="${points[0]}" y1="${points[1]}" x2="${points[2]}" y2="${points[3]}" stroke="${colour}"/>`;
}
