// The suites by name, in the order in which they are listed.

import type { Suite } from '../report.ts';
import { localSuite } from './local.ts';
import { placementSuite } from './placement.ts';
import { policiesSuite } from './policies.ts';
import { storeSuite } from './store.ts';

/** A suite, and the line that the list of suites gives it. */
export interface SuiteEntry {
  readonly describes: string;
  readonly run: Suite;
}

export const SUITES: ReadonlyMap<string, SuiteEntry> = new Map([
  ['local', { describes: 'a hit in this process, against lru-cache and Go groupcache', run: localSuite }],
  [
    'placement',
    { describes: 'balance, moves, look-up and rebuild, 3 to 1,000 members', run: placementSuite },
  ],
  [
    'policies',
    { describes: 'hit ratios of the eviction policies on traces, and their cost', run: policiesSuite },
  ],
  ['store', { describes: 'memory, time and pauses of the store, against lru-cache', run: storeSuite }],
]);
