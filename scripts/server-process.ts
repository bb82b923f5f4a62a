// One `hgcache` process, started from the built server and never left behind.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../packages/server/bin/hgcache.js', import.meta.url));
const END_WITH_PARENT = new URL('./end-with-parent.mjs', import.meta.url).href;

/** How long a process may take to stop in order before it is killed. */
const STOP_TIMEOUT_MS = 10_000;

/** A log line of the server, as far as it is read here; pino adds more. */
export interface LogLine {
  readonly time: number;
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** How a process has ended. */
export interface ProcessEnd {
  /** E.g. `exit code 1` or `signal SIGKILL`. */
  readonly how: string;
  /** Whether it ended by itself, so that what it said last is the reason. */
  readonly isOwn: boolean;
}

/** How a process is started. */
export interface ServerProcessOptions {
  /** What follows `hgcache` on the command line. */
  readonly args: readonly string[];
  /** Told every line of its log. */
  readonly onLog?: (line: LogLine) => void;
  /** Told what it says beside its log, e.g. why it could not start. */
  readonly onText?: (text: string) => void;
  /** Told when it has ended, after its last line. */
  readonly onEnd?: (end: ProcessEnd) => void;
}

/** Starts `hgcache` with JSON logs. It has a process group of its own, so Ctrl-C reaches it only through us. */
export class ServerProcess {
  readonly #child: ChildProcess;

  constructor({ args, onLog, onText, onEnd }: ServerProcessOptions) {
    const child = spawn(
      process.execPath,
      ['--import', END_WITH_PARENT, COMMAND, ...args, '--log.format=json'],
      { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true },
    );
    this.#child = child;
    child.once('error', (error) => onEnd?.({ how: error.message, isOwn: false }));
    // Not `exit`: the last lines may still be in the pipes then.
    child.once('close', (code, signal) =>
      onEnd?.(
        signal === null
          ? { how: `exit code ${code}`, isOwn: true }
          : { how: `signal ${signal}`, isOwn: false },
      ),
    );
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        const log = parseLogLine(line);
        if (log === undefined) onText?.(line);
        else onLog?.(log);
      });
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isRunning(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Stops the process in order, or kills it when that takes too long. */
  async stop(): Promise<void> {
    if (!this.isRunning) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(killer);
  }
}

function parseLogLine(line: string): LogLine | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return undefined;
  }
}
