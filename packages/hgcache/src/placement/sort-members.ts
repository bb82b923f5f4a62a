// The members of a placement table: checked, and in an order that every node agrees on.

import type { Member } from '../member.ts';
import { checkMembers } from '../member-list.ts';

/** A frozen copy, sorted by the UTF-16 units of the ids, whatever the machine's language; throws `ConfigError`. */
export function sortMembers(members: readonly Member[]): readonly Member[] {
  checkMembers(members);
  return Object.freeze([...members].sort((a, b) => (a.id < b.id ? -1 : 1)));
}
