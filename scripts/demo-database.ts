// The database of the demo: the scores of the seed's three players, and of ten thousand more.

import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** What the seed's origin holds. */
export const KNOWN_SCORES: Readonly<Record<string, number>> = { Tom: 630, Jack: 589, Sam: 567 };

/** How many rows there are besides. They are called `player-1`, `player-2` and so on. */
export const OTHER_PLAYERS = 10_000;

/** Creates the database anew, with the table `scores(name, score)`. */
export function createScoresDatabase(file: string): void {
  rmSync(file, { force: true });
  const database = new DatabaseSync(file);
  try {
    database.exec('CREATE TABLE scores (name TEXT PRIMARY KEY, score INTEGER NOT NULL) STRICT');
    database.exec('BEGIN');
    const insert = database.prepare('INSERT INTO scores (name, score) VALUES (?, ?)');
    for (const [name, score] of Object.entries(KNOWN_SCORES)) insert.run(name, score);
    for (let player = 1; player <= OTHER_PLAYERS; player++) insert.run(`player-${player}`, scoreOf(player));
    database.exec('COMMIT');
  } finally {
    database.close();
  }
}

/** Looks like chance, and is the same every time. */
function scoreOf(player: number): number {
  return (player * 7919) % 1000;
}
