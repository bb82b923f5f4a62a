// Sizes as people write them, such as `64MiB`: one strict parser, and its inverse.

const KIBI = 1024;
const KILO = 1000;

// From large to small, binary first: the order in which `formatSize` tries them.
const UNITS: ReadonlyMap<string, number> = new Map([
  ['TiB', KIBI ** 4],
  ['GiB', KIBI ** 3],
  ['MiB', KIBI ** 2],
  ['KiB', KIBI],
  ['TB', KILO ** 4],
  ['GB', KILO ** 3],
  ['MB', KILO ** 2],
  ['KB', KILO],
]);

const SIZE = /^(\d+)([KMGT]i?B)?$/;

/**
 * The bytes of a whole number with a unit right behind it: `KiB`, `MiB`, `GiB` and `TiB` count in 1,024, `KB`,
 * `MB`, `GB` and `TB` in 1,000, and without a unit it is bytes. Throws a `SyntaxError` for anything else, and for
 * more than 2^53 - 1 bytes.
 */
export function parseSize(text: string): number {
  const match = SIZE.exec(text);
  const bytes = match ? Number(match[1]) * (UNITS.get(match[2] ?? '') ?? 1) : Number.NaN;
  if (!Number.isSafeInteger(bytes))
    throw new SyntaxError(`${JSON.stringify(text)} is not a size, e.g. 64MiB`);
  return bytes;
}

/** A size in the largest unit that it is a whole number of; {@link parseSize} reads it back exactly. */
export function formatSize(bytes: number): string {
  for (const [unit, factor] of UNITS) {
    if (bytes >= factor && bytes % factor === 0) return `${bytes / factor}${unit}`;
  }
  return String(bytes);
}
