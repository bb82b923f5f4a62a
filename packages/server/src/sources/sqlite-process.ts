// The process of the sqlite source, which reads the database: node:sqlite blocks its thread and cannot be interrupted.

import { readSync, statSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { isMainThread, Worker } from 'node:worker_threads';

/** The first message to the process: what it is to read. */
export interface SqliteQuery {
  readonly file: string;
  readonly query: string;
  /** The largest value that is read. */
  readonly maxValueBytes: number;
}

/** One key to look up: text, or bytes where it is not valid UTF-8. They come in lists and are answered in order. */
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

/** The first message from the process, once: ready, or why the database or the query cannot be used. */
export type SqliteGreeting =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly error: string };

// How long a read waits for a process that writes to the database to let go of its lock, in ms. Writers hold it for
// much less, and a read that waits longer than a load may take is lost anyway.
const BUSY_TIMEOUT_MS = 5_000;

// How long a file that was put in the place of the database may go unnoticed, in ms.
const REPLACED_CHECK_MS = 1_000;

// A message costs more than a look-up: answers travel together, unless the first of them would have to wait this long.
const HELD_BACK_MS = 5;

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP'] as const;

if (isMainThread) serve();
else endWithParent();

/** Runs on a thread of its own, as a query may hold up the main one. */
function endWithParent(): void {
  // Standard input is a pipe that nothing is ever written to: it ends when the parent does, however that happens.
  readSync(0, Buffer.alloc(1));
  process.kill(process.pid, 'SIGKILL');
}

function serve(): void {
  new Worker(new URL(import.meta.url));
  // They are sent to whole groups of processes. The server still has answers to give then, and ends this one itself.
  for (const signal of STOP_SIGNALS) process.on(signal, () => {});
  const post = (message: SqliteGreeting | SqliteAnswer[]): void => void process.send?.(message);
  process.once('message', (query: SqliteQuery) => {
    let database: OpenDatabase;
    try {
      database = new OpenDatabase(query);
    } catch (error) {
      post({ kind: 'refused', error: messageOf(error) });
      return;
    }
    process.on('message', (requests: readonly SqliteRequest[]) => {
      let answers: SqliteAnswer[] = [];
      let postedAtMs = Date.now();
      for (const request of requests) {
        answers.push(database.answer(request));
        if (Date.now() < postedAtMs + HELD_BACK_MS) continue;
        post(answers);
        answers = [];
        postedAtMs = Date.now();
      }
      if (answers.length > 0) post(answers);
    });
    post({ kind: 'ready' });
  });
}

class OpenDatabase {
  readonly #query: SqliteQuery;
  #database: DatabaseSync;
  #statement: StatementSync;
  /** Which file this is, whatever stands at its path by now. */
  #identity: string;
  #checkedAtMs = Date.now();

  constructor(query: SqliteQuery) {
    this.#query = query;
    this.#identity = identityOf(query.file);
    [this.#database, this.#statement] = open(query);
  }

  answer({ id, key }: SqliteRequest): SqliteAnswer {
    try {
      this.#reopenIfReplaced();
      const [value] = Object.values(this.#statement.get(key) ?? {});
      if (value === undefined || value === null) return { id };
      const bytesOrText = value instanceof Uint8Array ? value : String(value);
      const length = Buffer.byteLength(bytesOrText);
      const { maxValueBytes } = this.#query;
      if (length <= maxValueBytes) return { id, value: bytesOrText };
      return { id, error: `the value has ${length} bytes; at most ${maxValueBytes} are read` };
    } catch (error) {
      return { id, error: messageOf(error) };
    }
  }

  /** A database is often replaced as a whole, by a file that is renamed to its path: the old one would stay open. */
  #reopenIfReplaced(): void {
    const nowMs = Date.now();
    if (nowMs < this.#checkedAtMs + REPLACED_CHECK_MS) return;
    const identity = identityOf(this.#query.file);
    // Where there is none at the moment, the old one is the last one.
    if (identity !== '' && identity !== this.#identity) {
      const [database, statement] = open(this.#query);
      this.#database.close();
      this.#database = database;
      this.#statement = statement;
      this.#identity = identity;
    }
    this.#checkedAtMs = nowMs;
  }
}

function open({ file, query }: SqliteQuery): [DatabaseSync, StatementSync] {
  const database = new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
  try {
    checkQuery(database, query);
    const statement = database.prepare(query);
    checkColumns(statement);
    // A number would lose digits beyond 2^53, or throw.
    statement.setReadBigInts(true);
    return [database, statement];
  } catch (error) {
    database.close();
    throw error;
  }
}

function identityOf(file: string): string {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? '' : `${stats.dev}:${stats.ino}`;
}

function checkQuery(database: DatabaseSync, query: string): void {
  const explain = database.prepare(`EXPLAIN ${query}`);
  // SQLite leaves unbound parameters NULL and says nothing, so the count is found out by binding.
  if (programOf(explain, 'key') === undefined || programOf(explain, 'key', 'another') !== undefined) {
    throw new Error('the query must have exactly one parameter, ?, which is the key');
  }
  // The instruction that begins to write; otherwise it would show only when a key is looked up.
  const isWriting = programOf(explain, 'key')?.some(({ opcode, p2 }) => opcode === 'Transaction' && p2 !== 0);
  if (isWriting) throw new Error('the query must not write; it is to be a SELECT');
}

/** What SQLite would do, an instruction a row; `undefined` where it does not take these parameters. */
function programOf(explain: StatementSync, ...parameters: string[]) {
  try {
    return explain.all(...parameters);
  } catch {
    return undefined;
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
