import { describe, expect, it } from 'vitest';
import { LoopTurns } from './loop-turns.ts';
import { type Contender, NOBODY, SlotMatching } from './slot-matching.ts';

const SLOTS = 2 ** 18;

interface Shares {
  readonly contenders: readonly Contender[];
  readonly holders: Uint16Array;
}

const SCHEMES: Readonly<Record<string, (index: number) => string>> = {
  addresses: (index) => `http://10.0.${index >> 8}.${index & 255}:8001`,
  hosts: (index) => `host-${index + 1}`,
  'short ids': (index) => index.toString(36),
};

describe('SlotMatching', () => {
  for (const [scheme, idOf] of Object.entries(SCHEMES)) {
    for (const count of [3, 4, 7, 10, 30, 100]) {
      it(`shares out evenly and moves little among ${count} members named by ${scheme}`, async () => {
        const members = Array.from({ length: count }, (_, index) => ({ id: idOf(index), weight: 1 }));
        const before = await match(members);
        expect(busiest(before)).toBeLessThanOrEqual(1.05);
        for (const gone of new Set([0, Math.floor(count / 2), count - 1])) {
          const after = await match(members.filter((_, index) => index !== gone));
          expect(moved(before, after) * count).toBeLessThanOrEqual(1.2);
        }
        const after = await match([...members, { id: idOf(count + 5), weight: 1 }]);
        expect(moved(before, after) * (count + 1)).toBeLessThanOrEqual(1.2);
      });
    }
  }

  it('keeps 1,000 members within 1.10 times the mean, and a leave within 1.2 times its share', async () => {
    const members = Array.from({ length: 1000 }, (_, index) => ({ id: `host-${index}`, weight: 1 }));
    const before = await match(members);
    expect(busiest(before)).toBeLessThanOrEqual(1.1);
    const after = await match(members.filter((_, index) => index !== 500));
    expect(moved(before, after) * 1000).toBeLessThanOrEqual(1.2);
  });

  for (const weights of [
    [1, 2, 3],
    [1, 1, 1, 8],
    [0.5, 0.25, 4],
    [100, 1, 1],
  ]) {
    it(`gives members of the weights ${weights.join(', ')} their shares`, async () => {
      const members = Array.from({ length: 24 }, (_, index) => ({
        id: `host-${index}`,
        weight: weights[index % weights.length] as number,
      }));
      expect(busiest(await match(members))).toBeLessThanOrEqual(1.1);
    });
  }

  it('moves slots only to a member whose weight grows', async () => {
    const members = Array.from({ length: 10 }, (_, index) => ({ id: `host-${index}`, weight: 1 }));
    const before = await match(members);
    const after = await match(
      members.map((member, index) => (index === 4 ? { ...member, weight: 2 } : member)),
    );
    // Its share grows from 1/10 to 2/11.
    expect(moved(before, after)).toBeLessThanOrEqual(1.2 * (2 / 11 - 1 / 10));
  });

  it('finds a holder for every slot, however far apart the weights are', async () => {
    const extremes: readonly number[][] = [
      [1e6, 1e-6],
      [1e-6, 1e-6, 1e-6],
      [1e6, ...Array.from({ length: 300 }, () => 1e-6)],
      [1e6, ...Array.from({ length: 300 }, () => 10)],
    ];
    for (const weights of extremes) {
      const { holders } = await match(weights.map((weight, index) => ({ id: `m${index}`, weight })));
      expect(holders.includes(NOBODY)).toBe(false);
    }
  });

  it('gives a slot to the member that beats every other one there, but for the bounds', async () => {
    const slots = 2 ** 10;
    const members = Array.from({ length: 12 }, (_, index) => ({
      id: `host-${index}`,
      weight: 1 + (index % 3),
    }));
    const { holders } = await match(members, slots);
    let won = 0;
    for (const [first, member] of members.entries()) {
      for (const [second, rival] of members.entries()) {
        if (second <= first) continue;
        const pair = await match([member, rival], slots);
        for (const [slot, holder] of holders.entries()) {
          if (holder === first && pair.holders[slot] === 0) won++;
          if (holder === second && pair.holders[slot] === 1) won++;
        }
      }
    }
    expect(won / (11 * slots)).toBeGreaterThan(0.98);
  });
});

async function match(contenders: readonly Contender[], slots: number = SLOTS): Promise<Shares> {
  const matching = new SlotMatching(contenders, slots, new LoopTurns());
  await matching.run();
  return { contenders, holders: matching.holders };
}

/** The largest number of slots relative to the share that is due by weight. */
function busiest({ contenders, holders }: Shares): number {
  const held = new Uint32Array(contenders.length);
  for (const holder of holders) (held[holder] as number)++;
  const total = contenders.reduce((sum, { weight }) => sum + weight, 0);
  return Math.max(
    ...contenders.map(({ weight }, index) => (held[index] as number) / ((holders.length * weight) / total)),
  );
}

/** The part of the slots that has another holder. */
function moved(before: Shares, after: Shares): number {
  const places = new Map(after.contenders.map(({ id }, index) => [id, index]));
  const now = before.contenders.map(({ id }) => places.get(id));
  let count = 0;
  for (const [slot, holder] of before.holders.entries()) if (now[holder] !== after.holders[slot]) count++;
  return count / before.holders.length;
}
