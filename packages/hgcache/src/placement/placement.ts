// The port of placement: which member owns which key.

import type { Member } from '../member.ts';

/** Decides who owns a key. Every node computes the same answer from the same members, in any order. */
export interface Placement {
  /** The name in configuration, e.g. `balanced`. */
  readonly name: string;
  /**
   * Builds the table for these members. A long computation gives the event loop its turn at least every 5 ms.
   * Members have distinct ids; there may be none.
   */
  place(members: readonly Member[]): Promise<PlacementTable>;
}

/** The owners of all keys for one set of members; it never changes. */
export interface PlacementTable {
  /** The members, sorted by id. */
  readonly members: readonly Member[];
  /** The owner of a key; `undefined` only when there are no members. */
  ownerOf(key: string): Member | undefined;
}
