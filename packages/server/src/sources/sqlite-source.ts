// The sqlite source: values from one prepared query on a database that is opened read-only.

import { resolve } from 'node:path';
import { LoadError, StoppedError } from 'hgcache';
import type { SqliteSourceConfig } from '../config/config.ts';
import type { Source } from './source.ts';
import { SqliteThread } from './sqlite-thread.ts';
import { untilAborted } from './until-aborted.ts';

/**
 * A source that runs `query` with the key as its only parameter; the one column of the first row is the value:
 *
 * - text as UTF-8, a blob as its bytes (text that is not valid UTF-8 needs `CAST(column AS BLOB)`);
 * - an integer as its decimal digits, a real as the shortest text that reads back as the same number (`1.5`, `1e+21`);
 * - NULL, or no row at all: there is none.
 *
 * A key that is not valid UTF-8 is bound as a blob, which equals no text: a column of TEXT does not have it. Where
 * keys are blobs, `WHERE key = CAST(? AS BLOB)` finds every key.
 *
 * The thread looks keys up one after another, so a query that needs long holds up the others: give it an index. A
 * database under a writer's lock is waited for up to 5 s. Rejects with `ConfigError` when SQLite refuses the file or
 * the query. A relative path starts at `baseDir`.
 */
export async function createSqliteSource(config: SqliteSourceConfig, baseDir: string): Promise<Source> {
  const data = { file: resolve(baseDir, config.file), query: config.query };
  let isClosed = false;
  let thread: Promise<SqliteThread> | undefined;

  // A thread that died, or that could not be opened again, is started anew by the next load.
  const open = (): Promise<SqliteThread> => {
    const opening = SqliteThread.open(data, () => forget(opening));
    opening.catch(() => forget(opening));
    thread = opening;
    return opening;
  };
  const forget = (ended: Promise<SqliteThread>): void => {
    if (thread === ended) thread = undefined;
  };

  const reopen = (): Promise<SqliteThread> =>
    open().catch((cause) => {
      throw new LoadError('load_failed', 'the SQLite database cannot be opened again', { cause });
    });

  await open();
  return {
    load: async (key, { signal }) => {
      if (isClosed) throw new StoppedError();
      signal.throwIfAborted();
      const opened = await untilAborted(thread ?? reopen(), signal);
      return opened.load(key, signal);
    },
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      const opened = await thread?.catch(() => undefined);
      await opened?.close(new StoppedError());
    },
  };
}
