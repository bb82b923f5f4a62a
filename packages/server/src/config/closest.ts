// What somebody probably meant: the nearest known word to one that is not known.

/**
 * The candidate with the fewest typing slips (a letter too many, missing, wrong or swapped with its neighbour; case
 * does not count), or `undefined` when all are too far away to be a slip.
 */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  // Two slips in a word of six letters or more, one in shorter ones: `no` is not a slip of `tls`.
  let best = word.length < 6 ? 2 : 3;
  let found: string | undefined;
  for (const candidate of candidates) {
    const slips = slipsBetween(word.toLowerCase(), candidate.toLowerCase());
    if (slips < best) {
      best = slips;
      found = candidate;
    }
  }
  return found;
}

/** The optimal string alignment distance. */
function slipsBetween(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1];
      let slips = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + (isSame ? 0 : 1),
      );
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (isSwap) slips = Math.min(slips, at(beforePrevious, column - 2) + 1);
      current.push(slips);
    }
    beforePrevious = previous;
    previous = current;
  }
  return at(previous, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] as number;
}
