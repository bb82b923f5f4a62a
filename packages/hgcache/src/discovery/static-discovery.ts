// Static discovery: the members of the cluster are a list that does not change.

import { inspect } from 'node:util';
import { ConfigError } from '../errors.ts';
import type { Member } from '../member.ts';
import { checkMembers } from '../member-list.ts';
import type { Discovery } from './discovery.ts';

/**
 * Finds the members in a list, each as a whole member or as its id alone. Every node of the cluster must be given
 * the same list, itself included; members that are down stay in it.
 *
 * Throws `ConfigError` for an empty list, a duplicate id, and a member that makes no sense. `start` rejects with it
 * when `self` is not in the list to the letter, because the others would then ask a member that nobody is.
 */
export function createStaticDiscovery(members: readonly (string | Member)[]): Discovery {
  const list = completeMembers(members);
  return {
    name: 'static',
    start: async (self, onMembers) => {
      if (!list.some(({ id }) => id === self.id)) {
        const ids = list.map(({ id }) => inspect(id)).join(', ');
        throw new ConfigError(
          `self must match one of the members to the letter; ${inspect(self.id)} is none of ${ids}`,
        );
      }
      onMembers(list);
    },
    stop: async () => {},
  };
}

function completeMembers(members: readonly (string | Member)[]): readonly Member[] {
  if (!Array.isArray(members)) throw new ConfigError(`members must be a list, not ${inspect(members)}`);
  if (members.length === 0) throw new ConfigError('members must list at least one member, this node itself');
  const list = members.map((member) => (typeof member === 'string' ? { id: member } : member));
  checkMembers(list);
  return Object.freeze(list.map((member) => Object.freeze({ ...member })));
}
