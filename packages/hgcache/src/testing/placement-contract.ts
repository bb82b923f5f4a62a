// What every placement must do, however it places; run against each of them.

import assert from 'node:assert/strict';
import { ConfigError } from '../errors.ts';
import { keyFromBytes } from '../key.ts';
import type { Member } from '../member.ts';
import type { Placement, PlacementTable } from '../placement/placement.ts';
import { createSeededRandom } from '../random.ts';

/** One promise of the port, to be tried on a placement. */
export interface PlacementCase {
  readonly name: string;
  run(create: () => Placement): Promise<void>;
}

// They differ from the first character on: FNV-1 hardly spreads keys that differ only in the last ones.
const KEYS: readonly string[] = Array.from({ length: 10_000 }, (_, index) => {
  return `${(Math.imul(index, 0x9e3779b1) >>> 0).toString(36)}:user`;
});

/** The promises of {@link Placement}. */
export const placementContract: readonly PlacementCase[] = [
  {
    name: 'gives no owner when there are no members',
    run: async (create) => {
      const table = await create().place([]);
      assert.deepEqual(table.members, []);
      assert.equal(table.ownerOf('Tom'), undefined);
    },
  },
  {
    name: 'gives every key to the only member',
    run: async (create) => {
      const [member] = membersOf(1) as [Member];
      const table = await create().place([member]);
      for (const key of KEYS) assert.equal(table.ownerOf(key), member);
    },
  },
  {
    name: 'gives keys to all members and to nobody else',
    run: async (create) => {
      const members = membersOf(10);
      const table = await create().place(members);
      const owners = new Set(KEYS.map((key) => table.ownerOf(key)));
      assert.deepEqual(owners, new Set(members));
    },
  },
  {
    name: 'gives a key the same owner whatever the order of the members',
    run: async (create) => {
      const members = membersOf(10);
      const owners = ownersIn(await create().place(members));
      for (const seed of [1, 2, 3]) {
        assert.deepEqual(ownersIn(await create().place(shuffled(members, seed))), owners);
      }
    },
  },
  {
    name: 'lists the members by id',
    run: async (create) => {
      const ids = ['b', 'a10', 'B', 'a9', 'ä', 'a'];
      const table = await create().place(ids.map((id) => ({ id })));
      assert.deepEqual(
        table.members.map(({ id }) => id),
        ['B', 'a', 'a10', 'a9', 'b', 'ä'],
      );
    },
  },
  {
    name: 'keeps a table as it is when the list that it was made of changes',
    run: async (create) => {
      const members = membersOf(5);
      const [first, , third] = members as [Member, Member, Member];
      const placing = create().place(members);
      members.length = 0;
      const table = await placing;
      const owners = ownersIn(table);
      members.push({ id: 'late' });
      assert.equal(table.members.length, 5);
      assert.deepEqual([table.members[0], table.members[2]], [first, third]);
      assert.throws(() => (table.members as Member[]).pop(), TypeError);
      assert.deepEqual(ownersIn(table), owners);
    },
  },
  {
    name: 'builds several tables at a time that do not disturb each other',
    run: async (create) => {
      const placement = create();
      const sizes = [3, 4, 5];
      const together = await Promise.all(sizes.map((size) => placement.place(membersOf(size))));
      for (const [index, size] of sizes.entries()) {
        const alone = await create().place(membersOf(size));
        assert.deepEqual(ownersIn(together[index] as PlacementTable), ownersIn(alone));
      }
    },
  },
  {
    name: 'places keys of any text and of bytes that are no text',
    run: async (create) => {
      const members = membersOf(20);
      const table = await create().place(members);
      const again = await create().place(members);
      const bytes = Array.from({ length: 256 }, (_, byte) => keyFromBytes(Uint8Array.of(byte, 0xff, 0x41)));
      const texts = ['', ' ', 'a/b?c=%2e%2e', 'größe', '名前', '😀', '\0', 'x'.repeat(1024)];
      for (const key of [...bytes, ...texts]) {
        const owner = table.ownerOf(key);
        assert.ok(owner !== undefined && members.includes(owner), `${JSON.stringify(key)} has no owner`);
        assert.equal(again.ownerOf(key), owner);
      }
      // Were the bytes that are no text all taken for the same replacement character, half of the keys had one owner.
      assert.ok(new Set(bytes.slice(128).map((key) => table.ownerOf(key))).size > 5);
    },
  },
  {
    name: 'refuses two members with one id, and says which',
    run: async (create) => {
      await assert.rejects(create().place([{ id: 'a' }, { id: 'b' }, { id: 'a', weight: 2 }]), (error) => {
        assert.ok(error instanceof ConfigError);
        assert.match(error.message, /members\[2\].*'a'.*members\[0\]/);
        return true;
      });
    },
  },
  {
    name: 'refuses a weight that is not above 0 and finite',
    run: async (create) => {
      for (const weight of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
        await assert.rejects(create().place([{ id: 'a' }, { id: 'b', weight }]), ConfigError);
      }
    },
  },
  {
    name: 'moves on a leave what the member owned, and next to nothing else',
    run: async (create) => {
      const members = membersOf(20);
      const before = await create().place(members);
      for (const gone of [0, 7, 19]) {
        const after = await create().place(members.filter((_, index) => index !== gone));
        const stayed = KEYS.filter((key) => before.ownerOf(key) !== members[gone]);
        const moved = stayed.filter((key) => after.ownerOf(key) !== before.ownerOf(key));
        assert.ok(
          moved.length <= 0.01 * KEYS.length,
          `${moved.length} keys of members who stayed have moved`,
        );
      }
    },
  },
  {
    name: 'moves on a join to the new member, and next to nowhere else',
    run: async (create) => {
      const members = membersOf(20);
      const newcomer: Member = { id: 'http://10.9.9.9:8001' };
      const before = await create().place(members);
      const after = await create().place([newcomer, ...members]);
      const moved = KEYS.filter((key) => after.ownerOf(key) !== before.ownerOf(key));
      const elsewhere = moved.filter((key) => after.ownerOf(key) !== newcomer);
      assert.ok(moved.length > 0, 'the new member owns nothing');
      assert.ok(elsewhere.length <= 0.01 * KEYS.length, `${elsewhere.length} keys have moved between others`);
    },
  },
];

function membersOf(count: number): Member[] {
  return Array.from({ length: count }, (_, index) => ({ id: `http://10.0.0.${index + 1}:8001` }));
}

function ownersIn(table: PlacementTable): readonly (string | undefined)[] {
  return KEYS.map((key) => table.ownerOf(key)?.id);
}

function shuffled(members: readonly Member[], seed: number): Member[] {
  const random = createSeededRandom(seed);
  const drawn = members.map((member) => ({ member, lot: random() }));
  return drawn.sort((a, b) => a.lot - b.lot).map(({ member }) => member);
}
