// The sqlite source: values from one prepared query on a database that is opened read-only.

import { resolve } from 'node:path';
import { StoppedError } from 'hgcache';
import type { SqliteSourceConfig } from '../config/config.ts';
import type { Source } from './source.ts';
import { SqliteReader } from './sqlite-reader.ts';

/** The largest value that is read, in bytes; a larger one is a `LoadError`. */
export const MAX_SQLITE_VALUE_BYTES: number = 64 * 1024 * 1024;

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
 * A process of its own looks keys up one after another, so a query that needs long holds up the others: give it an
 * index. One that nobody waits for any more is ended. A database under a writer's lock is waited for up to 5 s; one
 * that was replaced by another file is opened anew within a second. A value of more than 64 MiB is a `LoadError`.
 *
 * Rejects with `ConfigError` when SQLite refuses the file or the query. A relative path starts at `baseDir`.
 */
export async function createSqliteSource(config: SqliteSourceConfig, baseDir: string): Promise<Source> {
  const reader = await SqliteReader.open({
    file: resolve(baseDir, config.file),
    query: config.query,
    maxValueBytes: MAX_SQLITE_VALUE_BYTES,
  });
  return {
    load: (key, { signal }) => reader.load(key, signal),
    close: () => reader.close(new StoppedError()),
  };
}
