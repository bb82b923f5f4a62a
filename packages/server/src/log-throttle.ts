// LogThrottle: keeps a failure that repeats from flooding the log.

import type { Clock } from 'hgcache';

/** Lets one line per subject and interval through, and counts the others. */
export class LogThrottle {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #subjects = new Map<string, { readonly sinceMs: number; held: number }>();

  constructor(clock: Clock, intervalMs: number) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
  }

  /** How many lines were held back before this one; `undefined` when this one is to be held back, too. */
  admit(subject: string): number | undefined {
    const now = this.#clock.now();
    const before = this.#subjects.get(subject);
    if (before && now < before.sinceMs + this.#intervalMs) {
      before.held += 1;
      return undefined;
    }
    this.#subjects.set(subject, { sinceMs: now, held: 0 });
    return before?.held ?? 0;
  }

  /** Forgets every subject but these, which bounds what is remembered. */
  retain(subjects: ReadonlySet<string>): void {
    for (const subject of this.#subjects.keys()) {
      if (!subjects.has(subject)) this.#subjects.delete(subject);
    }
  }
}

/** How many lines like this one were left out since the last, as a field of it. */
export function heldBack(held: number): { readonly more?: number } {
  return held > 0 ? { more: held } : {};
}
