// Hooks: how logs, metrics and traces hear what a node does, without the library knowing any of them.

import type { Member } from './member.ts';
import { rejectUnknownOptions } from './options.ts';

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

const HOOK_NAMES: readonly (keyof Hooks)[] = [
  'onHit',
  'onPeerPicked',
  'onPeerFailed',
  'onPeerRequest',
  'onLoad',
  'onLoaded',
  'onMembers',
  'onError',
];

/**
 * The same hooks, such that none of them throws or rejects: a broken logger must not break a get. They may be an
 * object of functions or of a class. Throws `ConfigError` for a hook that does not exist.
 */
export function quietHooks(hooks: Hooks): Hooks {
  // An object of a class may have fields of its own.
  if (Object.getPrototypeOf(hooks) === Object.prototype)
    rejectUnknownOptions('HgCache: hooks', hooks, HOOK_NAMES);
  const quiet: Record<string, (event: never) => void> = {};
  for (const name of HOOK_NAMES) {
    const hook = hooks[name] as ((event: never) => unknown) | undefined;
    if (hook === undefined) continue;
    quiet[name] = (event) =>
      callQuietly(
        () => hook.call(hooks, event),
        () => {},
      );
  }
  return quiet;
}

/** Calls what the application gave; what it throws, or rejects with when it is async, goes to `onError`. */
export function callQuietly(call: () => unknown, onError: (error: unknown) => void): void {
  try {
    const result = call();
    if (result instanceof Promise) result.catch(onError);
  } catch (error) {
    onError(error);
  }
}
