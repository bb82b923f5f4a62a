// What charts are drawn with: text in SVG, and colours.

/** Told apart by people who are colour-blind, too: from the palette of Okabe and Ito. */
export const COLOURS: readonly string[] = [
  '#0072b2',
  '#e69f00',
  '#009e73',
  '#cc79a7',
  '#56b4e9',
  '#d55e00',
  '#666666',
];

/** Text whose base line begins at a point. */
export function textAt(x: number, y: number, text: string, attributes: string): string {
  return `<text x="${Number(x.toFixed(1))}" y="${Number(y.toFixed(1))}" ${attributes}>${escaped(text)}</text>`;
}

/** A document of its own, on white, so that it can be read on a dark page as well. */
export function svgDocument(title: string, width: number, height: number, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" role="img" font-family="system-ui, sans-serif">`,
    `<title>${escaped(title)}</title>`,
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
