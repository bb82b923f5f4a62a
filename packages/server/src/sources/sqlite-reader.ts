// SqliteReader: the process that reads a database, and the callers that wait for its answers.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { ByteView, ConfigError, keyToBytes, LoadError } from 'hgcache';
import type { SqliteAnswer, SqliteGreeting, SqliteQuery, SqliteRequest } from './sqlite-process.ts';

// The process runs from the sources in tests and from what the compiler made of them elsewhere.
const PROCESS_URL = new URL(
  `./sqlite-process${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

// How many keys the process has at a time. The others wait here, where a caller who leaves takes the key along.
const MAX_SENT = 32;

// How long the process may be silent, in ms, while it has a key that nobody waits for any more.
const ABANDONED_MS = 500;

const KILL_TIMEOUT_MS = 2_000;

interface Waiting {
  readonly key: string | Uint8Array;
  resolve(value: ByteView | undefined): void;
  reject(error: unknown): void;
}

/**
 * Reads a database in a process of its own. A query that takes too long cannot be interrupted, and a thread that runs
 * one can be neither ended nor left behind: even `process.exit` waits for it. A process can be killed at any time.
 *
 * A process that dies is replaced; what it had is rejected. One that is busy with an abandoned key, as far as one can
 * tell, is killed and replaced, and the other keys that it had are asked for again, one at a time: then one can tell.
 */
export class SqliteReader {
  readonly #query: SqliteQuery;
  /** Every key that somebody waits for, oldest first. */
  readonly #waiting = new Map<number, Waiting>();
  /** The keys that the process has. */
  readonly #sent = new Set<number>();
  /** How many keys to send one at a time. */
  #suspects = 0;
  #silentSinceMs = 0;
  #watch: NodeJS.Timeout | undefined;
  #child: ChildProcess | undefined;
  #isReady = false;
  #isSendScheduled = false;
  #nextId = 0;
  #closedWith: unknown;

  /** Starts the process; rejects with `ConfigError` when SQLite refuses the file or the query. */
  static async open(query: SqliteQuery): Promise<SqliteReader> {
    const reader = new SqliteReader(query);
    await reader.#start();
    return reader;
  }

  private constructor(query: SqliteQuery) {
    this.#query = query;
  }

  /** Looks a key up. */
  load(key: string, signal: AbortSignal): Promise<ByteView | undefined> {
    if (this.#closedWith !== undefined) return Promise.reject(this.#closedWith);
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      const onAbort = (): void => {
        this.#waiting.delete(id);
        reject(signal.reason);
        this.#watchSilence();
      };
      const done = (): void => signal.removeEventListener('abort', onAbort);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.set(id, {
        key: key.isWellFormed() ? key : keyToBytes(key),
        resolve: (value) => {
          done();
          resolve(value);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      });
      this.#scheduleSend();
    });
  }

  /** Ends the process, at once; what is outstanding is rejected with `reason`. */
  async close(reason: unknown): Promise<void> {
    this.#closedWith ??= reason;
    const child = this.#child;
    this.#forget(child);
    this.#rejectAll(this.#closedWith);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit', { signal: AbortSignal.timeout(KILL_TIMEOUT_MS) });
    child.kill('SIGKILL');
    // One that not even this ends, as it waits for a disk, ends when the disk answers.
    await exited.catch(() => undefined);
  }

  async #start(): Promise<void> {
    const child = fork(PROCESS_URL, {
      execArgv: [],
      serialization: 'advanced',
      // The process ends when its standard input does.
      stdio: ['pipe', 'ignore', 'inherit', 'ipc'],
    });
    this.#child = child;
    const greeting = Promise.withResolvers<SqliteGreeting>();
    const onEnd = (error: LoadError): void => {
      greeting.reject(error);
      if (this.#child !== child) return;
      for (const id of this.#sent) this.#settle({ id, error: error.message });
      this.#forget(child);
      this.#scheduleSend();
    };
    child.once('message', (message) => {
      greeting.resolve(message as SqliteGreeting);
      child.on('message', (answers) => {
        if (this.#child === child) this.#onAnswers(answers as SqliteAnswer[]);
      });
    });
    child.on('error', (error) => onEnd(died(error.message, error)));
    child.once('exit', (code, signal) => onEnd(died(signal ?? `exit code ${code}`)));
    child.send(this.#query);
    const message = await greeting.promise;
    if (message.kind === 'refused') {
      this.#forget(child);
      child.kill('SIGKILL');
      throw refused(this.#query, message.error);
    }
    if (this.#child !== child) return;
    this.#isReady = true;
    this.#scheduleSend();
  }

  /** What is asked for in one turn of the event loop travels to the process in one message. */
  #scheduleSend(): void {
    if (this.#isSendScheduled) return;
    this.#isSendScheduled = true;
    setImmediate(() => {
      this.#isSendScheduled = false;
      this.#send();
    });
  }

  #send(): void {
    if (this.#sent.size > 0 || this.#waiting.size === 0 || this.#closedWith !== undefined) return;
    if (this.#child === undefined) {
      this.#start().catch((cause) => {
        this.#rejectAll(
          new LoadError('load_failed', 'the SQLite database cannot be opened again', { cause }),
        );
      });
    }
    if (!this.#isReady) return;
    const requests: SqliteRequest[] = [];
    for (const [id, { key }] of this.#waiting) {
      this.#sent.add(id);
      if (requests.push({ id, key }) === (this.#suspects > 0 ? 1 : MAX_SENT)) break;
    }
    this.#silentSinceMs = Date.now();
    this.#child?.send(requests);
  }

  #onAnswers(answers: readonly SqliteAnswer[]): void {
    this.#silentSinceMs = Date.now();
    for (const answer of answers) {
      this.#sent.delete(answer.id);
      this.#settle(answer);
    }
    this.#suspects = Math.max(0, this.#suspects - answers.length);
    if (this.#sent.size === 0) this.#send();
    this.#watchSilence();
  }

  #settle({ id, value, error }: SqliteAnswer): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    if (error !== undefined) waiting.reject(new LoadError('load_failed', `SQLite: ${error}`));
    else waiting.resolve(value === undefined ? undefined : ByteView.from(value));
  }

  /** Sees to it that a look-up that nobody waits for any more does not go on for long. */
  #watchSilence(): void {
    clearTimeout(this.#watch);
    if ([...this.#sent].every((id) => this.#waiting.has(id))) return;
    const leftMs = this.#silentSinceMs + ABANDONED_MS - Date.now();
    this.#watch = setTimeout(
      () => {
        const child = this.#child;
        this.#suspects = this.#sent.size;
        this.#forget(child);
        child?.kill('SIGKILL');
        this.#scheduleSend();
      },
      Math.max(0, leftMs),
    );
  }

  /** Lets go of a process; what it had is asked for again, unless it has been settled. */
  #forget(child: ChildProcess | undefined): void {
    if (this.#child !== child) return;
    clearTimeout(this.#watch);
    this.#child = undefined;
    this.#isReady = false;
    this.#sent.clear();
  }

  #rejectAll(reason: unknown): void {
    for (const waiting of this.#waiting.values()) waiting.reject(reason);
    this.#waiting.clear();
  }
}

function refused({ file, query }: SqliteQuery, error: string): ConfigError {
  return new ConfigError(`SQLite source ${file}, query ${JSON.stringify(query)}: ${error}`);
}

function died(how: string, cause?: unknown): LoadError {
  return new LoadError('load_failed', `the process that reads the database ended unexpectedly (${how})`, {
    cause,
  });
}
