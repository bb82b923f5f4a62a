// Hooks: how logs, metrics and traces hear what a node does, without the library knowing any of them.

import type { Member } from './member.ts';

/** One key of one group; `peer` is the id of the peer in question. */
export interface KeyEvent {
  readonly group: string;
  readonly key: string;
}

/** Everything that a node reports. A hook is called at once and must be quick; what it throws is dropped. */
export interface Hooks {
  /** The value was in this node's store. */
  onHit?(event: KeyEvent): void;
  /** The key belongs to another node, which is about to be asked. */
  onPeerPicked?(event: KeyEvent & { readonly peer: string }): void;
  /** A peer was down, slow or wrong; the key is loaded here instead, or the invalidation is tried again. */
  onPeerFailed?(event: { readonly group: string; readonly peer: string; readonly error: unknown }): void;
  /** A peer has asked this node for the key. */
  onPeerRequest?(event: KeyEvent): void;
  /** The loader is about to be called. */
  onLoad?(event: KeyEvent): void;
  /** The loader has settled, or its time is over; `error` is there when it failed. */
  onLoaded?(event: KeyEvent & { readonly durationMs: number; readonly error?: unknown }): void;
  /** The members have changed and the new placement is in force. */
  onMembers?(event: { readonly members: readonly Member[] }): void;
  /** Something of the application's threw where nobody waits for it: an `onEvicted`, or a discovery. */
  onError?(event: { readonly error: unknown; readonly where: string }): void;
}

/** The same hooks, such that none of them throws: a broken logger must not break a get. */
export function quietHooks(hooks: Hooks): Hooks {
  const quiet: Record<string, (event: never) => void> = {};
  for (const [name, hook] of Object.entries(hooks)) {
    if (hook === undefined) continue;
    quiet[name] = (event) => {
      try {
        hook.call(hooks, event);
      } catch {
        // The one place where an error is dropped: there is nobody left to tell.
      }
    };
  }
  return quiet;
}
