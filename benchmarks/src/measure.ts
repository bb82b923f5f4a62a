// Measuring: sides that are compared take turns in the same run, so that a busy machine disturbs all of them alike.

import { median } from './report.ts';

/** What one operation cost. */
export interface Cost {
  /** Time that passed, in ns. */
  readonly wallNs: number;
  /** CPU time of the whole process, garbage collection and compilation included, in ns. */
  readonly cpuNs: number;
}

/** One thing to measure, wherever it runs. */
export interface Side {
  readonly name: string;
  /** Finds out how many operations make a round of about `roundMs`, and lets the compiler do its work meanwhile. */
  warmUp(roundMs: number): Promise<void>;
  /** Does one round, and says what an operation cost in it. */
  round(): Promise<Cost>;
}

/** How long and how often to measure. */
export interface MeasureOptions {
  /** Rounds that count, per side; at least 3. */
  readonly rounds: number;
  /** About how long one round takes, in ms. */
  readonly roundMs: number;
}

/** The median costs of every side, in the order of `sides`. */
export async function measure(sides: readonly Side[], options: MeasureOptions): Promise<readonly Cost[]> {
  if (options.rounds < 3) throw new RangeError('a median needs at least 3 rounds');
  for (const side of sides) await side.warmUp(options.roundMs);
  const costs = sides.map((): Cost[] => []);
  for (let round = 0; round < options.rounds; round++) {
    for (const [index, side] of sides.entries()) costs[index]?.push(await side.round());
  }
  return costs.map((rounds) => ({
    wallNs: median(rounds.map((cost) => cost.wallNs)),
    cpuNs: median(rounds.map((cost) => cost.cpuNs)),
  }));
}

/**
 * A side in this process. `run` does so many operations and returns, or resolves with, something that depends on
 * every one of them, so that the compiler cannot drop the work as unused.
 */
export function createSide(name: string, run: (operations: number) => unknown): Side {
  let operations = 1;
  return {
    name,
    warmUp: async (roundMs) => {
      const roundNs = roundMs * 1e6;
      for (;;) {
        const { wallNs } = await timed(run, operations);
        const isLongEnough = wallNs >= roundNs / 2;
        // Growing by no more than ten times keeps a first, uncompiled call from deciding.
        const factor = isLongEnough ? roundNs / wallNs : Math.min(10, Math.max(2, roundNs / (wallNs + 1)));
        operations = Math.max(1, Math.ceil(operations * factor));
        if (isLongEnough) return;
      }
    },
    round: async () => {
      const { wallNs, cpuNs } = await timed(run, operations);
      return { wallNs: wallNs / operations, cpuNs: cpuNs / operations };
    },
  };
}

async function timed(run: (operations: number) => unknown, operations: number): Promise<Cost> {
  const cpuBefore = process.cpuUsage();
  const before = process.hrtime.bigint();
  const result = run(operations);
  // A synchronous side is not awaited: a turn of the microtask queue would be counted with it.
  const settled = result instanceof Promise ? await result : result;
  const wallNs = Number(process.hrtime.bigint() - before);
  const cpu = process.cpuUsage(cpuBefore);
  if (settled === undefined) throw new TypeError('a side returns something that depends on its work');
  return { wallNs, cpuNs: (cpu.user + cpu.system) * 1000 };
}
