// LogDestination: where log lines go, such that neither a reader who stalls nor one who is gone can hold a node up.

import type { Writable } from 'node:stream';

// What may wait for a slow reader, in bytes; lines beyond it are left out.
const MAX_WAITING_BYTES = 1024 * 1024;

/**
 * Writes lines to a stream and never fails. Node writes to a pipe without waiting for its reader, and to files and
 * terminals at once. A line that cannot be written, as the terminal was closed or the disk is full, is lost.
 */
export class LogDestination {
  readonly #stream: Writable;
  #leftOut = 0;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on('error', () => {
      // There is nobody left to tell. Without a listener it would end the process in the middle of a stop.
    });
  }

  /** Writes a line, which brings its line feed along. */
  write(line: string): void {
    if (this.#stream.writableLength > MAX_WAITING_BYTES) {
      this.#leftOut++;
      return;
    }
    if (this.#leftOut > 0) {
      this.#stream.write(`{"level":40,"msg":"${this.#leftOut} log lines were left out: nobody read them"}\n`);
      this.#leftOut = 0;
    }
    this.#stream.write(line);
  }

  /** Resolves when every line has been written or lost, or when the time is over. */
  flush(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#stream.write('', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
