// The transcript of the demo: what the nodes log about keys, merged into one story.

import type { LogLine } from './server-process.ts';

/** One thing that a node did for a key. */
export type Moment = 'peer picked' | 'peer request' | 'origin searched' | 'hit';

// In the order in which one request brings them about: within a millisecond the clock does not tell.
const MOMENTS: readonly Moment[] = ['peer picked', 'peer request', 'origin searched', 'hit'];

interface Entry {
  readonly time: number;
  readonly moment: Moment;
  readonly text: string;
}

/** Collects lines from every node, and gives them out in the order in which things happened. */
export class Transcript {
  readonly #entries: Entry[] = [];
  readonly #counts = new Map<Moment, number>();

  /** Takes a line of the log of the node at this port; lines about something else are left out. */
  add(port: number, line: LogLine): void {
    const moment = MOMENTS.find((each) => each === line.msg);
    if (moment === undefined) return;
    this.#counts.set(moment, this.count(moment) + 1);
    const text = `${timeOf(line.time)} ${describe(moment, port, line)}`;
    this.#entries.push({ time: line.time, moment, text });
  }

  /** How often this has happened since the start. */
  count(moment: Moment): number {
    return this.#counts.get(moment) ?? 0;
  }

  /** The lines since the last call. */
  take(): string[] {
    const entries = this.#entries.splice(0);
    entries.sort((a, b) => a.time - b.time || MOMENTS.indexOf(a.moment) - MOMENTS.indexOf(b.moment));
    return entries.map((entry) => entry.text);
  }
}

function describe(moment: Moment, port: number, { group, key: rawKey, peer }: LogLine): string {
  const key = printable(String(rawKey));
  switch (moment) {
    case 'peer picked':
      return `[node ${port}] pick peer ${peer}`;
    case 'peer request':
      return `[node ${port}] GET ${group}/${key}`;
    case 'origin searched':
      return `[SlowDB]    search key ${key} (by node ${port})`;
    case 'hit':
      return `[node ${port}] hit ${key}`;
  }
}

/** A key may hold anything, also what moves a terminal's cursor or makes two lines of one. */
function printable(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) as number).toString(16)}}`,
  );
}

function timeOf(timeMs: number): string {
  const time = new Date(timeMs);
  const two = (value: number) => String(value).padStart(2, '0');
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':');
  return `${clock}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}
