// The suite `placement`: how evenly keys are placed, how many move when the members change, what a look-up takes, and
// what a rebuild takes, for the balanced placement and for the rings of the Go family.
//
// How it is measured: members named http://10.0.x.y:8001, keys that differ from the first character on (FNV-1, the
// hash of groupcache-go, hardly spreads keys that differ only in the last ones). Balance and moves are the same in
// every run, so they are not medians: balance is one count of many keys, moves are the worst of three changes. The longest
// block of the loop is the median of the longest ones of at least five rebuilds.

import {
  createBalancedPlacement,
  createRingPlacement,
  type Member,
  type Placement,
  type PlacementTable,
} from 'hgcache';
import { type Blocks, measureBlocks } from '../loop-blocks.ts';
import { createSide, measure } from '../measure.ts';
import { type BenchRow, createRow, median, type SuiteOptions } from '../report.ts';

const SIZES = [3, 10, 100, 1000];

// Chance makes the busiest member busier by some 1.5% when each has 20,000 keys.
const KEYS_PER_MEMBER = 20_000;
const MIN_KEYS = 1_000_000;
const RING_KEYS = 200_000;
const LOOK_UP_KEYS = 4096;

const CHANGES = 3;

/** One placement under its name in the table; the first is ours. */
interface Subject {
  readonly name: string;
  readonly placement: Placement;
}

/** Measures the placements for 3 to 1,000 members. */
export async function placementSuite({ quick, onProgress }: SuiteOptions): Promise<readonly BenchRow[]> {
  const balanced: Subject = { name: 'balanced', placement: createBalancedPlacement() };
  const rings = (['groupcache', 'hgcache', 'groupcache-go'] as const).map(
    (preset): Subject => ({ name: `${preset} ring`, placement: createRingPlacement(preset) }),
  );
  const rows: BenchRow[] = [];
  for (const size of SIZES) {
    onProgress(`${size} members: balance`);
    rows.push(await balanceRow(balanced, rings, size));
    onProgress(`${size} members: moves`);
    rows.push(...(await moveRows(balanced, rings, size)));
    onProgress(`${size} members: look-up`);
    rows.push(await lookUpRow(balanced, rings, size, quick));
    onProgress(`${size} members: rebuild`);
    rows.push(...(await rebuildRows(balanced, rings, size, quick ? 5 : 15)));
  }
  return rows;
}

async function balanceRow(balanced: Subject, rings: readonly Subject[], size: number): Promise<BenchRow> {
  const members = membersOf(size);
  const keys = Math.max(MIN_KEYS, size * KEYS_PER_MEMBER);
  const against: Record<string, number> = {};
  for (const { name, placement } of rings) against[name] = busiest(await placement.place(members), RING_KEYS);
  return createRow({
    name: `balance, ${size} members`,
    unit: 'busiest/mean',
    value: busiest(await balanced.placement.place(members), keys),
    against,
    goal: { atMost: size <= 100 ? 1.05 : 1.1 },
    note: `${(keys / 1e6).toLocaleString('en-US')} million keys`,
  });
}

function busiest(table: PlacementTable, keys: number): number {
  const counts = new Map<Member | undefined, number>(table.members.map((member) => [member, 0]));
  for (let index = 0; index < keys; index++) {
    const owner = table.ownerOf(keyAt(index));
    counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  return Math.max(...counts.values()) / (keys / table.members.length);
}

async function moveRows(balanced: Subject, rings: readonly Subject[], size: number): Promise<BenchRow[]> {
  const ours = await worstMoves(balanced.placement, size, Math.max(MIN_KEYS, size * 2000));
  const joins: Record<string, number> = {};
  const leaves: Record<string, number> = {};
  for (const { name, placement } of rings) {
    const theirs = await worstMoves(placement, size, RING_KEYS);
    joins[name] = theirs.join;
    leaves[name] = theirs.leave;
  }
  const common = { unit: 'moved/ideal', goal: { atMost: 1.2 }, note: `worst of ${CHANGES}` };
  return [
    createRow({ name: `moves on a join, ${size} members`, value: ours.join, against: joins, ...common }),
    createRow({ name: `moves on a leave, ${size} members`, value: ours.leave, against: leaves, ...common }),
  ];
}

/** The keys that move relative to the least that can: the share of the member that comes or goes. */
async function worstMoves(
  placement: Placement,
  size: number,
  keys: number,
): Promise<{ readonly join: number; readonly leave: number }> {
  const members = membersOf(size);
  const before = await placement.place(members);
  const joined: PlacementTable[] = [];
  const left: PlacementTable[] = [];
  for (let change = 0; change < CHANGES; change++) {
    const gone = Math.floor((change * (size - 1)) / (CHANGES - 1));
    joined.push(await placement.place([...members, memberAt(size + 7 * change)]));
    left.push(await placement.place(members.filter((_, index) => index !== gone)));
  }
  const joinMoves = joined.map(() => 0);
  const leaveMoves = left.map(() => 0);
  for (let index = 0; index < keys; index++) {
    const key = keyAt(index);
    const owner = before.ownerOf(key)?.id;
    for (let change = 0; change < CHANGES; change++) {
      if (joined[change]?.ownerOf(key)?.id !== owner) (joinMoves[change] as number)++;
      if (left[change]?.ownerOf(key)?.id !== owner) (leaveMoves[change] as number)++;
    }
  }
  return {
    join: (Math.max(...joinMoves) / keys) * (size + 1),
    leave: (Math.max(...leaveMoves) / keys) * size,
  };
}

async function lookUpRow(
  balanced: Subject,
  rings: readonly Subject[],
  size: number,
  quick: boolean,
): Promise<BenchRow> {
  const members = membersOf(size);
  // Through bytes, so that the strings are flat as they are when they come from a request.
  const keys = Array.from({ length: LOOK_UP_KEYS }, (_, index) => {
    return Buffer.from(keyAt(index).padEnd(16, '-').slice(0, 16)).toString('latin1');
  });
  const sides = [];
  for (const { name, placement } of [balanced, ...rings]) {
    const table = await placement.place(members);
    const first = table.members[0];
    sides.push(
      createSide(name, (operations) => {
        let found = 0;
        for (let operation = 0; operation < operations; operation++) {
          if (table.ownerOf(keys[operation % LOOK_UP_KEYS] as string) === first) found++;
        }
        return found;
      }),
    );
  }
  const [ours, ...theirs] = await measure(sides, { rounds: quick ? 3 : 9, roundMs: quick ? 40 : 200 });
  return createRow({
    name: `look-up, ${size} members`,
    unit: 'ns/key',
    value: ours?.wallNs ?? Number.NaN,
    against: Object.fromEntries(theirs.map((cost, index) => [rings[index]?.name ?? '', cost.wallNs])),
    note: 'keys of 16 bytes',
  });
}

async function rebuildRows(
  balanced: Subject,
  rings: readonly Subject[],
  size: number,
  rounds: number,
): Promise<BenchRow[]> {
  const ours = await rebuild(balanced.placement, size, rounds);
  const totals: Record<string, number> = {};
  const blocks: Record<string, number> = {};
  for (const { name, placement } of rings) {
    const theirs = await rebuild(placement, size, 3);
    totals[name] = theirs.totalMs;
    blocks[name] = theirs.longestMs;
  }
  return [
    createRow({
      name: `rebuild, ${size} members`,
      unit: 'ms',
      value: ours.totalMs,
      against: totals,
      note: 'CPU time',
    }),
    createRow({
      name: `longest block of the loop, ${size} members`,
      unit: 'ms',
      value: ours.longestMs,
      against: blocks,
      goal: { atMost: 5 },
      note: 'CPU time',
    }),
  ];
}

/** Medians: the total, and the longest block of each rebuild. */
async function rebuild(placement: Placement, size: number, rounds: number): Promise<Blocks> {
  const members = membersOf(size);
  const blocks: Blocks[] = [];
  for (let round = 0; round < rounds; round++)
    blocks.push(await measureBlocks(() => placement.place(members)));
  return {
    totalMs: median(blocks.map(({ totalMs }) => totalMs)),
    longestMs: median(blocks.map(({ longestMs }) => longestMs)),
  };
}

function membersOf(count: number): Member[] {
  return Array.from({ length: count }, (_, index) => memberAt(index));
}

function memberAt(index: number): Member {
  return { id: `http://10.0.${index >> 8}.${index & 255}:8001` };
}

function keyAt(index: number): string {
  return `${(Math.imul(index, 0x9e3779b1) >>> 0).toString(36)}:user`;
}
