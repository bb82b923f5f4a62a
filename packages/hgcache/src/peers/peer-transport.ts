// The port of the transports: how a node asks its peers, and how it is asked by them.

import type { ByteView } from '../byte-view.ts';
import type { HgCacheError } from '../errors.ts';
import type { Member } from '../member.ts';

/** A value on its way between peers. */
export interface PeerValue {
  readonly value: ByteView;
  /** From when on it must not be served, in ms since the Unix epoch; 0 for never. */
  readonly expiresAtMs: number;
  /** How long ago its owner stored it, in ms; 0 where the peer does not say. */
  readonly ageMs: number;
}

/** What became of one key of a `getMany`: a value, an error of the owner's, or neither when it was not found. */
export interface PeerOutcome {
  readonly value?: PeerValue;
  readonly error?: HgCacheError;
}

/** Limits of one request to a peer. */
export interface PeerCallOptions {
  /** Ends the request when the last caller has left. */
  readonly signal?: AbortSignal;
  /** The longest time to wait for the whole answer, in ms. */
  readonly timeoutMs: number;
}

/**
 * What a node does when a peer asks. It answers from its store or its loader and never asks a peer itself: a
 * request is forwarded at most once, so that members who disagree about the owner cannot bounce it (hop guard).
 * An unknown group rejects with `UnknownGroupError`, a bad key with `InvalidKeyError`.
 */
export interface PeerHandler {
  /** The value of a key, or `undefined` when the origin has none. `signal` fires when the asking peer has gone. */
  get(group: string, key: string, signal?: AbortSignal): Promise<PeerValue | undefined>;
  /** The outcomes of the keys, in their order. */
  getMany(group: string, keys: readonly string[], signal?: AbortSignal): Promise<readonly PeerOutcome[]>;
  /** Keeps a value, in place of what was there or was on its way. `expiresAtMs` 0 is never. */
  set(group: string, key: string, value: ByteView, expiresAtMs: number): Promise<void>;
  /** Drops keys, and keeps loads of them that are under way from filling the store. */
  remove(group: string, keys: readonly string[]): Promise<void>;
  /** Drops every key of a group, likewise. */
  clear(group: string): Promise<void>;
}

/**
 * Asks peers, and passes on what they ask. A request rejects with `PeerError` when the peer is down, slow or
 * wrong; what the peer itself reports (`LoadError`, `OverloadedError`, `InvalidValueError`) arrives as that error.
 */
export interface PeerTransport {
  /** The name in `Member.addresses`, e.g. `http`. */
  readonly name: string;
  /** Listens for peers and answers them with `handler`. Rejects with `listen_failed` when it cannot. */
  start(self: Member, handler: PeerHandler): Promise<void>;
  /** Takes no more requests, finishes those under way within `timeoutMs`, then closes every connection. */
  stop(timeoutMs: number): Promise<void>;
  get(peer: Member, group: string, key: string, options: PeerCallOptions): Promise<PeerValue | undefined>;
  getMany(
    peer: Member,
    group: string,
    keys: readonly string[],
    options: PeerCallOptions,
  ): Promise<readonly PeerOutcome[]>;
  set(
    peer: Member,
    group: string,
    key: string,
    value: ByteView,
    expiresAtMs: number,
    options: PeerCallOptions,
  ): Promise<void>;
  remove(peer: Member, group: string, keys: readonly string[], options: PeerCallOptions): Promise<void>;
  clear(peer: Member, group: string, options: PeerCallOptions): Promise<void>;
}
