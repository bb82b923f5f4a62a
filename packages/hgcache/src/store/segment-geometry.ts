// How large the segments of a byte store are, by its budget.

/** How large a piece of memory is for a budget; sizes are in words. */
export interface Geometry {
  readonly shift: number;
  readonly segmentWords: number;
  /** A larger record has a segment of its own, so that little is lost at the ends of segments. */
  readonly largestShared: number;
}

// A segment is a 64th of the budget, but large enough not to trouble the collector and small enough that moving all
// of it takes about a millisecond.
const MAX_SEGMENT_WORDS = 2 ** 18;
const MIN_SEGMENT_WORDS = 16;
const SEGMENTS_PER_BUDGET = 64;
const SHARES_PER_SEGMENT = 8;

/** The sizes for a budget of `maxBytes`. */
export function geometryFor(maxBytes: number): Geometry {
  const wanted = maxBytes / 4 / SEGMENTS_PER_BUDGET;
  const words = Math.min(MAX_SEGMENT_WORDS, Math.max(MIN_SEGMENT_WORDS, wanted));
  const shift = Math.floor(Math.log2(words));
  const segmentWords = 2 ** shift;
  return { shift, segmentWords, largestShared: segmentWords / SHARES_PER_SEGMENT };
}
