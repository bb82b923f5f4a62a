// The port of discovery: who the members of the cluster are.

import type { Member } from '../member.ts';

/** Told the complete list of members, now and after every change. */
export type OnMembers = (members: readonly Member[]) => void;

/** Finds the members of the cluster, and lets them find this one. One instance serves one node. */
export interface Discovery {
  /** The name in configuration, e.g. `static`. */
  readonly name: string;
  /**
   * Announces `self`, which listens already, and watches the others. It resolves when `onMembers` has been called
   * with the first complete list, and rejects when that cannot be had.
   */
  start(self: Member, onMembers: OnMembers): Promise<void>;
  /** Withdraws `self` and stops watching. It may be called at any time, and more than once. */
  stop(): Promise<void>;
}
