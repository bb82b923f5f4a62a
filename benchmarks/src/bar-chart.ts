// Charts of the results for the documents: groups of horizontal bars, as SVG.

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

/** Told apart by people who are colour-blind, too: from the palette of Okabe and Ito. */
const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#666666'];

/** The chart as a document of its own, on white, so that it can be read on a dark page as well. */
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
  const size = `width="${WIDTH}" height="${y + MARGIN - GROUP_GAP}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" font-family="system-ui, sans-serif">`,
    `<title>${escaped(title)}</title>`,
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function textAt(x: number, y: number, text: string, attributes: string): string {
  return `<text x="${Number(x.toFixed(1))}" y="${Number(y.toFixed(1))}" ${attributes}>${escaped(text)}</text>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
