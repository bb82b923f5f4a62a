// A measurement that a process of its own makes once, and prints as JSON on its last line.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What the Node program with these arguments prints on its last line. */
export async function runProbe<R>(args: readonly string[]): Promise<R> {
  const { stdout } = await run(process.execPath, args);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as R;
}
