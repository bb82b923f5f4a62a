// Measuring: sides that are compared take turns in the same run, so that a busy machine disturbs all of them alike.

import { median } from './report.ts';

/** One thing to measure: `run` does `iterations` operations, and returns something that depends on all of them. */
export interface Side {
  readonly name: string;
  readonly run: (iterations: number) => unknown;
}

/** How long and how often to measure. */
export interface MeasureOptions {
  /** Rounds that count, per side; at least 3. */
  readonly rounds: number;
  /** About how long one round takes, in ms. */
  readonly roundMs: number;
}

/** The medians of one side, per operation. */
export interface Measured {
  readonly name: string;
  /** Time that passed, in ns. */
  readonly wallNs: number;
  /** CPU time of the whole process, garbage collection and compilation included, in ns. */
  readonly cpuNs: number;
}

/** Measures every side in turn, round by round, after warming each up for a round. */
export async function measure(sides: readonly Side[], options: MeasureOptions): Promise<readonly Measured[]> {
  if (options.rounds < 3) throw new RangeError('a median needs at least 3 rounds');
  const prepared = [];
  for (const side of sides) {
    const iterations = await calibrate(side, options.roundMs);
    prepared.push({ side, iterations, wallNs: [] as number[], cpuNs: [] as number[] });
  }
  for (let round = 0; round < options.rounds; round++) {
    for (const { side, iterations, wallNs, cpuNs } of prepared) {
      const figures = await timed(side, iterations);
      wallNs.push(figures.wallNs / iterations);
      cpuNs.push(figures.cpuNs / iterations);
    }
  }
  return prepared.map(({ side, wallNs, cpuNs }) => ({
    name: side.name,
    wallNs: median(wallNs),
    cpuNs: median(cpuNs),
  }));
}

interface Timed {
  readonly wallNs: number;
  readonly cpuNs: number;
  readonly result: unknown;
}

/** How many operations make about one round. Growing towards it warms the side up. */
async function calibrate(side: Side, roundMs: number): Promise<number> {
  const targetNs = roundMs * 1e6;
  for (let iterations = 1; ; ) {
    const { wallNs } = await timed(side, iterations);
    if (wallNs >= targetNs / 2) return Math.max(1, Math.round((iterations * targetNs) / wallNs));
    const factor = wallNs > 0 ? Math.min(10, Math.max(2, targetNs / wallNs)) : 10;
    iterations = Math.ceil(iterations * factor);
  }
}

async function timed(side: Side, iterations: number): Promise<Timed> {
  const cpuBefore = process.cpuUsage();
  const before = process.hrtime.bigint();
  const result = side.run(iterations);
  // A synchronous side is not awaited: a turn of the microtask queue would be counted with it.
  const settled = result instanceof Promise ? await result : result;
  const wallNs = Number(process.hrtime.bigint() - before);
  const cpu = process.cpuUsage(cpuBefore);
  // The result leaves this function, so that the compiler cannot drop the work as unused.
  return { wallNs, cpuNs: (cpu.user + cpu.system) * 1000, result: settled };
}
