// What every discovery must do, wherever it finds the members; run against each of them.

import assert from 'node:assert/strict';
import type { Discovery } from '../discovery/discovery.ts';
import type { Member } from '../member.ts';

/** Makes the discovery of one node, which is about to be a member of a cluster, or is one already. */
export type CreateDiscovery = (self: Member) => Discovery;

/** One promise of the port, to be tried on a discovery. */
export interface DiscoveryCase {
  readonly name: string;
  run(create: CreateDiscovery): Promise<void>;
}

const SELF: Member = { id: 'http://10.0.0.1:8001', weight: 2 };

/** The promises of {@link Discovery}. */
export const discoveryContract: readonly DiscoveryCase[] = [
  {
    name: 'has told the members, this node among them, when it has started',
    run: async (create) => {
      const discovery = create(SELF);
      try {
        const { members } = await startAndHear(discovery);
        const ids = members.map(({ id }) => id);
        assert.ok(ids.includes(SELF.id), `${SELF.id} is not among ${ids.join(', ')}`);
        assert.equal(new Set(ids).size, ids.length, 'a member is listed twice');
      } finally {
        await discovery.stop();
      }
    },
  },
  {
    name: 'keeps the weight that a member was given',
    run: async (create) => {
      const discovery = create(SELF);
      try {
        const { members } = await startAndHear(discovery);
        assert.equal(members.find(({ id }) => id === SELF.id)?.weight, SELF.weight);
      } finally {
        await discovery.stop();
      }
    },
  },
  {
    name: 'can be stopped before it was started, and twice',
    run: async (create) => {
      const discovery = create(SELF);
      await discovery.stop();
      await discovery.stop();
    },
  },
  {
    name: 'can be stopped twice after it was started, and tells nothing more',
    run: async (create) => {
      const discovery = create(SELF);
      const heard = await startAndHear(discovery);
      await discovery.stop();
      const { lists } = heard;
      await discovery.stop();
      assert.equal(heard.lists, lists);
    },
  },
];

interface Heard {
  members: readonly Member[];
  lists: number;
}

/** Starts, and gives what has been heard by then; it goes on counting. */
async function startAndHear(discovery: Discovery): Promise<Heard> {
  const heard: Heard = { members: [], lists: 0 };
  await discovery.start(SELF, (members) => {
    heard.members = members;
    heard.lists++;
  });
  assert.ok(heard.lists > 0, 'it has started and told no members');
  return heard;
}
