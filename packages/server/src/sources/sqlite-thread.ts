// SqliteThread: one worker thread that reads a database, and the callers that wait for its answers.

import { Worker } from 'node:worker_threads';
import { ByteView, ConfigError, keyToBytes, LoadError } from 'hgcache';
import type { SqliteAnswer, SqliteRequest, SqliteWorkerData, SqliteWorkerMessage } from './sqlite-worker.ts';

// The thread runs from the sources in tests and from what the compiler made of them elsewhere.
const WORKER_URL = new URL(
  `./sqlite-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

interface Waiting {
  resolve(value: ByteView | undefined): void;
  reject(error: unknown): void;
}

/** A thread that has opened its database. When it dies, everything outstanding is rejected and `onDeath` is called. */
export class SqliteThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #queued: SqliteRequest[] = [];
  #nextId = 0;
  #endedBy: unknown;

  /** Starts a thread; rejects with `ConfigError` when SQLite refuses the file or the query. */
  static async open(data: SqliteWorkerData, onDeath: () => void): Promise<SqliteThread> {
    const worker = new Worker(WORKER_URL, { workerData: data, name: 'hgcache-sqlite' });
    await new Promise<void>((resolve, reject) => {
      worker.once('message', (message: SqliteWorkerMessage) => {
        if (message.kind === 'ready') resolve();
        else if (message.kind === 'refused') reject(refused(data, message.error));
      });
      worker.once('error', reject);
      worker.once('exit', (code) => reject(died(code)));
    });
    return new SqliteThread(worker, onDeath);
  }

  private constructor(worker: Worker, onDeath: () => void) {
    this.#worker = worker;
    let cause: unknown;
    worker.on('message', (message: SqliteWorkerMessage) => {
      if (message.kind === 'answers') for (const answer of message.answers) this.#settle(answer);
    });
    worker.on('error', (error) => {
      cause = error;
    });
    worker.once('exit', (code) => {
      this.#end(died(code, cause));
      onDeath();
    });
  }

  /** Looks a key up. What is asked for in one turn of the event loop travels to the thread in one message. */
  load(key: string, signal: AbortSignal): Promise<ByteView | undefined> {
    if (this.#endedBy !== undefined) return Promise.reject(this.#endedBy);
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      const onAbort = (): void => {
        this.#waiting.delete(id);
        reject(signal.reason);
      };
      const done = (): void => signal.removeEventListener('abort', onAbort);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.set(id, {
        resolve: (value) => {
          done();
          resolve(value);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      });
      if (this.#queued.length === 0) setImmediate(() => this.#send());
      this.#queued.push({ id, key: key.isWellFormed() ? key : keyToBytes(key) });
    });
  }

  /** Ends the thread; what is outstanding is rejected with `reason`. */
  async close(reason: unknown): Promise<void> {
    this.#end(reason);
    await this.#worker.terminate();
  }

  #send(): void {
    // Callers that left in the meantime cost the thread nothing.
    const requests = this.#queued.filter(({ id }) => this.#waiting.has(id));
    this.#queued = [];
    if (requests.length > 0) this.#worker.postMessage(requests);
  }

  #settle({ id, value, error }: SqliteAnswer): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    if (error !== undefined) waiting.reject(new LoadError('load_failed', `SQLite: ${error}`));
    else waiting.resolve(value === undefined ? undefined : ByteView.from(value));
  }

  #end(reason: unknown): void {
    this.#endedBy ??= reason;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#endedBy);
    this.#waiting.clear();
  }
}

function refused({ file, query }: SqliteWorkerData, error: string): ConfigError {
  return new ConfigError(`SQLite source ${file}, query ${JSON.stringify(query)}: ${error}`);
}

function died(code: number, cause?: unknown): LoadError {
  return new LoadError('load_failed', `the SQLite thread ended unexpectedly (code ${code})`, { cause });
}
