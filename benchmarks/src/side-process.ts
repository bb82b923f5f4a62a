// A side in a process of its own: nothing that another side does to the compiler or the heap reaches it. One line
// in, one line out, both JSON: `{"warmUpMs":250}` warms up, `{}` does a round and is answered with its cost.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Cost, Side } from './measure.ts';

/** A side that runs elsewhere, and has to be ended. */
export interface SideProcess extends Side {
  close(): Promise<void>;
}

/** Starts `command`, which speaks the protocol above on its stdin and stdout. */
export function startSideProcess(name: string, command: string, args: readonly string[]): SideProcess {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (question: object): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`the process of ${name} ended${describeEnd(child)}`);
    return JSON.parse(value);
  };
  return {
    name,
    warmUp: async (roundMs) => {
      await ask({ warmUpMs: roundMs });
    },
    round: async () => (await ask({})) as Cost,
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}

/** The other end: serves `side` to the parent until that closes stdin. */
export async function serveSide(side: Side): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const { warmUpMs } = JSON.parse(line) as { warmUpMs?: number };
    if (warmUpMs !== undefined) await side.warmUp(warmUpMs);
    const answer = warmUpMs === undefined ? await side.round() : {};
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}

function describeEnd(child: ChildProcess): string {
  if (child.signalCode !== null) return ` by ${child.signalCode}`;
  return child.exitCode === null ? '' : ` with exit code ${child.exitCode}`;
}
