import { describe, expect, it } from 'vitest';
import { ConfigError } from '../errors.ts';
import type { Member } from '../member.ts';
import { placementContract } from '../testing/placement-contract.ts';
import { createBalancedPlacement } from './balanced-placement.ts';

describe('the balanced placement', () => {
  for (const { name, run } of placementContract) it(name, () => run(createBalancedPlacement));

  it('is named as in the configuration', () => expect(createBalancedPlacement().name).toBe('balanced'));

  it('places keys as it did in every release', async () => {
    const table = await createBalancedPlacement().place(membersOf(5));
    const owners = ['Tom', 'Jack', 'Sam', 'größe', '😀', '\udcff'].map((key) =>
      table.ownerOf(key)?.id.at(-1),
    );
    expect(owners.join(' ')).toBe('5 1 3 1 2 3');
  });

  it('spreads random keys evenly, and by weight', async () => {
    const members = membersOf(10).map((member, index) => ({ ...member, weight: 1 + (index % 2) }));
    const table = await createBalancedPlacement().place(members);
    const counts = new Map<Member | undefined, number>();
    const total = 300_000;
    for (let index = 0; index < total; index++) {
      const owner = table.ownerOf(`user:${index}`);
      counts.set(owner, (counts.get(owner) ?? 0) + 1);
    }
    for (const member of members) {
      expect(counts.get(member)).toBeGreaterThan((0.95 * total * member.weight) / 15);
      expect(counts.get(member)).toBeLessThan((1.05 * total * member.weight) / 15);
    }
  });

  // How long a turn takes is measured by the benchmark `placement`: here it would depend on who else is at work.
  it('gives the event loop its turn again and again while it builds', async () => {
    let turns = 0;
    let isPlaced = false;
    const watch = (): void => {
      turns++;
      if (!isPlaced) setImmediate(watch);
    };
    setImmediate(watch);
    await createBalancedPlacement().place(membersOf(1000));
    isPlaced = true;
    expect(turns).toBeGreaterThan(10);
  });

  it('takes 65,535 members at most', async () => {
    const members = Array.from({ length: 65_536 }, (_, index) => ({ id: `m${index}` }));
    await expect(createBalancedPlacement().place(members)).rejects.toThrow(ConfigError);
    const table = await createBalancedPlacement().place(members.slice(1));
    expect(table.ownerOf('Tom')).toBeDefined();
  });
});

function membersOf(count: number): Member[] {
  return Array.from({ length: count }, (_, index) => ({ id: `http://10.0.0.1:${8001 + index}` }));
}
