// Checks of a list of members, for every part that is given one.

import { inspect } from 'node:util';
import { ConfigError } from './errors.ts';
import type { Member } from './member.ts';

/** The smallest and the largest weight of a member; between them no sum or quotient of weights loses its sense. */
export const MIN_WEIGHT = 1e-6;
export const MAX_WEIGHT = 1e6;

const MEMBER_FIELDS = ['id', 'addresses', 'weight'];

/**
 * Throws {@link ConfigError}, which names the place in the list, unless every member has an id of its own, a weight
 * of 0.000001 to 1,000,000 or none, and no field that a member does not have. The list may be empty.
 */
export function checkMembers(members: readonly Member[]): void {
  if (!Array.isArray(members)) throw new ConfigError(`members must be a list, not ${inspect(members)}`);
  const places = new Map<string, number>();
  for (const [place, member] of members.entries()) {
    checkMember(member, `members[${place}]`);
    const earlier = places.get(member.id);
    if (earlier !== undefined) {
      throw new ConfigError(`members[${place}] has the id ${inspect(member.id)} of members[${earlier}]`);
    }
    places.set(member.id, place);
  }
}

/** The same for one member; `name` is what the message calls it. */
export function checkMember(member: Member, name: string): void {
  if (typeof member !== 'object' || member === null) {
    throw new ConfigError(`${name} must be a member with an id, not ${inspect(member)}`);
  }
  for (const field of Object.keys(member)) {
    if (!MEMBER_FIELDS.includes(field)) {
      throw new ConfigError(`${name}.${field} is unknown; a member has ${MEMBER_FIELDS.join(', ')}`);
    }
  }
  if (typeof member.id !== 'string' || member.id === '') {
    throw new ConfigError(`${name}.id must be a string that is not empty, not ${inspect(member.id)}`);
  }
  const { weight } = member;
  if (weight !== undefined && !(Number.isFinite(weight) && weight >= MIN_WEIGHT && weight <= MAX_WEIGHT)) {
    throw new ConfigError(
      `${name}.weight must be above 0, from ${MIN_WEIGHT} to ${MAX_WEIGHT}, not ${inspect(weight)}`,
    );
  }
}
