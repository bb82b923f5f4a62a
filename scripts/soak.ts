// `npm run soak`: millions of random operations on the byte store, held against a model, with every policy, and a check
// that the memory of the process follows what the store says that it takes. It ends with 1 at the first difference.

import { parseArgs } from 'node:util';
import { createFifo, createLru, type EvictionPolicyFactory } from 'hgcache';
import { checkResidentMemory } from './soak-memory.ts';
import { ModelRun } from './soak-model.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

const POLICIES: readonly EvictionPolicyFactory[] = [createLru, createFifo];
const BUDGETS = [4 * KIB, 100_000, MIB, 32 * MIB, 256 * MIB];

const REPORT_EVERY = 5_000_000;
const OPERATIONS_AT_ONCE = 10_000;

function main(): void {
  const { values } = parseArgs({
    options: {
      operations: { type: 'string', default: '50000000' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  });
  const total = Number(values.operations);
  const seed = Number(values.seed);
  if (!(total > 0) || !Number.isSafeInteger(seed))
    throw new RangeError('--operations and --seed are numbers');
  console.log(`soak: ${total.toLocaleString('en-US')} operations, --seed=${seed}`);
  for (const line of checkResidentMemory()) console.log(`soak: ${line}`);
  const counts = { operations: 0, evicted: 0, expired: 0 };
  let reported = 0;
  const scenarios = POLICIES.flatMap((eviction) => BUDGETS.map((maxBytes) => ({ eviction, maxBytes })));
  for (const [index, scenario] of scenarios.entries()) {
    const run = new ModelRun({ ...scenario, seed: seed + index });
    const end = Math.round((total * (index + 1)) / scenarios.length);
    while (counts.operations < end) {
      const operations = Math.min(OPERATIONS_AT_ONCE, end - counts.operations);
      run.operate(operations);
      counts.operations += operations;
      if (counts.operations - reported < REPORT_EVERY) continue;
      reported = counts.operations;
      console.log(`soak: ${(reported / 1e6).toFixed(1)} M operations, now ${run.name}`);
    }
    run.finish();
    counts.evicted += run.evicted;
    counts.expired += run.expired;
  }
  const [operations, evicted, expired] = [counts.operations, counts.evicted, counts.expired].map((count) =>
    count.toLocaleString('en-US'),
  );
  console.log(`soak: no difference in ${operations} operations; ${evicted} evicted, ${expired} expired`);
}

main();
