// The thread of the sqlite source: node:sqlite is synchronous, so it reads the database away from the event loop.

import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

/** What the thread is started with. */
export interface SqliteWorkerData {
  readonly file: string;
  readonly query: string;
}

/** One key to look up: text, or bytes where it is not valid UTF-8. */
export interface SqliteRequest {
  readonly id: number;
  readonly key: string | Uint8Array;
}

/** What became of one key: a value, an error message, or neither when there is no row or it holds NULL. */
export interface SqliteAnswer {
  readonly id: number;
  readonly value?: Uint8Array | string;
  readonly error?: string;
}

/** The first message, once: ready, or why the database or the query cannot be used. Then come the answers. */
export type SqliteWorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly error: string }
  | { readonly kind: 'answers'; readonly answers: readonly SqliteAnswer[] };

// How long a read waits for a process that writes to the database to let go of its lock, in ms. Writers hold it for
// much less, and a read that waits longer than a load may take is lost anyway.
const BUSY_TIMEOUT_MS = 5_000;

const port = parentPort;
if (port !== null) serve(workerData as SqliteWorkerData, (message) => port.postMessage(message));

function serve({ file, query }: SqliteWorkerData, post: (message: SqliteWorkerMessage) => void): void {
  let statement: StatementSync;
  try {
    const database = new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    checkParameter(database, query);
    statement = database.prepare(query);
    checkColumns(statement);
    // A number would lose digits beyond 2^53, or throw.
    statement.setReadBigInts(true);
  } catch (error) {
    post({ kind: 'refused', error: messageOf(error) });
    return;
  }
  port?.on('message', (requests: readonly SqliteRequest[]) => {
    post({ kind: 'answers', answers: requests.map((request) => answer(statement, request)) });
  });
  post({ kind: 'ready' });
}

function answer(statement: StatementSync, { id, key }: SqliteRequest): SqliteAnswer {
  try {
    const [value] = Object.values(statement.get(key) ?? {});
    if (value === undefined || value === null) return { id };
    return { id, value: value instanceof Uint8Array ? value : String(value) };
  } catch (error) {
    return { id, error: messageOf(error) };
  }
}

/** SQLite leaves unbound parameters NULL and says nothing, so the count is found out by binding to an EXPLAIN. */
function checkParameter(database: DatabaseSync, query: string): void {
  const explain = database.prepare(`EXPLAIN ${query}`);
  if (!takes(explain, 'key') || takes(explain, 'key', 'another')) {
    throw new Error('the query must have exactly one parameter, ?, which is the key');
  }
}

function takes(statement: StatementSync, ...parameters: string[]): boolean {
  try {
    statement.all(...parameters);
    return true;
  } catch {
    return false;
  }
}

function checkColumns(statement: StatementSync): void {
  const names = statement.columns().map((column) => column.name);
  if (names.length === 1) return;
  const shape = names.length === 0 ? 'no column' : `${names.length} columns (${names.join(', ')})`;
  throw new Error(
    `the query must give one column, the value, not ${shape}; json_object('name', name, ...) makes one of several`,
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
