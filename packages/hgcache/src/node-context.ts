// The port through which a group sees its node: who it is, who the others are, and how to ask them.

import type { Clock } from './clock.ts';
import type { Hooks } from './hooks.ts';
import type { Member } from './member.ts';
import type { PeerTransport } from './peers/peer-transport.ts';
import type { Random } from './random.ts';

/** What a node gives to its groups. */
export interface NodeContext {
  readonly self: Member;
  readonly clock: Clock;
  readonly random: Random;
  /** Hooks that never throw. */
  readonly hooks: Hooks;
  readonly transport: PeerTransport | undefined;
  /** The owner of a key as this node sees it now; itself while it knows of no other. */
  ownerOf(key: string): Member;
  /** The other members, as this node sees them now. */
  peers(): readonly Member[];
  /** Whether the node has been stopped; quicker to read than a signal. */
  readonly isStopped: boolean;
  /** Fires when the node stops. */
  readonly stopSignal: AbortSignal;
}
