// Durations as people write them, such as `1m30s`: one strict parser, and its inverse.

const UNITS: ReadonlyMap<string, number> = new Map([
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
]);

const NUMBER = String.raw`(\d+)(?:\.(\d+))?`;
const DURATION = new RegExp(`^${[...UNITS.keys()].map((unit) => `(?:${NUMBER}${unit})?`).join('')}$`);

/**
 * The milliseconds of numbers with units, as Go's `time.ParseDuration` reads them but stricter: `h`, `m`, `s` and
 * `ms` in this order, each once at most, and no sign. `0` is the only number that needs no unit. Throws a
 * `SyntaxError` for anything else, for parts of a millisecond, and for more than 2^53 - 1 ms.
 */
export function parseDuration(text: string): number {
  const ms = text === '0' ? 0 : millisecondsOf(text);
  if (!Number.isSafeInteger(ms)) {
    throw new SyntaxError(`${JSON.stringify(text)} is not a duration, e.g. 1m30s or 500ms`);
  }
  return ms;
}

/** A duration in the form that {@link parseDuration} reads back exactly, without the parts that are zero. */
export function formatDuration(ms: number): string {
  let text = '';
  let rest = ms;
  for (const [unit, factor] of UNITS) {
    const count = Math.floor(rest / factor);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * factor;
  }
  return text || '0';
}

function millisecondsOf(text: string): number {
  const match = text === '' ? null : DURATION.exec(text);
  if (!match) return Number.NaN;
  let ms = 0;
  for (const [index, factor] of [...UNITS.values()].entries()) {
    const whole = match[1 + 2 * index];
    const fraction = match[2 + 2 * index] ?? '';
    // Whole numbers all the way: 0.1 + 0.2 has no place in a limit that somebody wrote down exactly.
    const parts = BigInt((whole ?? '0') + fraction) * BigInt(factor);
    const scale = 10n ** BigInt(fraction.length);
    if (parts % scale !== 0n) return Number.NaN;
    ms += Number(parts / scale);
  }
  return ms;
}
