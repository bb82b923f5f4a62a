// The balanced placement, the default: a table of slots in which every member holds its share.

import { ConfigError } from '../errors.ts';
import type { Member } from '../member.ts';
import { murmur3 } from '../murmur3.ts';
import { LoopTurns } from './loop-turns.ts';
import type { Placement, PlacementTable } from './placement.ts';
import { NOBODY, SlotMatching } from './slot-matching.ts';
import { sortMembers } from './sort-members.ts';

// Enough that 1,000 members hold 262 slots each, so that chance alone makes them differ by 4% (one standard
// deviation). The table takes 512 KiB. With a quarter of it, the busiest of 1,000 has 1.14 times the mean.
const SLOTS = 2 ** 18;

// Part of the placement: every node must use the same one, so it never changes. Seeds 1 to 5 hash members.
const KEY_SEED = 0;

/**
 * The default placement: 262,144 slots, shared out by weighted rendezvous hashing with a bound on each member's
 * slots (see `slot-matching.ts`). Finding the owner takes one hash, one mask and one array read.
 *
 * With equal weights the busiest member has at most 1.05 times the mean at up to 100 members and 1.10 times at 1,000,
 * and a join or a leave moves at most 1.2 times the keys that it must. A build takes some 0.1 s, in pieces of 1 ms.
 *
 * `place` rejects with `ConfigError` for a duplicate id, a weight that is not above 0, and over 65,535 members.
 */
export function createBalancedPlacement(): Placement {
  return { name: 'balanced', place };
}

async function place(given: readonly Member[]): Promise<PlacementTable> {
  const turns = new LoopTurns();
  const members = sortMembers(given);
  if (members.length > NOBODY) {
    throw new ConfigError(`the balanced placement takes at most ${NOBODY} members, not ${members.length}`);
  }
  // One member holds everything; a node on its own neither waits nor takes memory for that.
  if (members.length < 2) return { members, ownerOf: () => members[0] };
  const contenders = members.map(({ id, weight = 1 }) => ({ id, weight }));
  if (turns.isOver()) await turns.next();
  const matching = new SlotMatching(contenders, SLOTS, turns);
  if (turns.isOver()) await turns.next();
  await matching.run();
  const { holders } = matching;
  return {
    members,
    ownerOf: (key) => members[holders[murmur3(key, KEY_SEED) & (SLOTS - 1)] as number],
  };
}
