// The errors of HgCache: one base class with a code, and subclasses only where callers branch.

import { inspect } from 'node:util';

/**
 * What went wrong, as a stable word. Codes travel between peers, so a code is never renamed.
 *
 * - `invalid_config`: an option is missing, unknown or out of range.
 * - `invalid_key`: a key is empty, longer than 1,024 bytes, or not a string.
 * - `invalid_value`: a value cannot be encoded by the group's codec, or cannot be decoded by it.
 * - `unknown_group`: no group of that name on the node that was asked.
 * - `load_failed`: the loader threw.
 * - `load_timeout`: the loader did not settle within the group's `loadTimeoutMs`.
 * - `overloaded`: a bounded queue is full; try again later.
 * - `deadline_exceeded`: the caller's `deadlineMs` passed before there was an answer.
 * - `peer_failed`: a peer could not be reached, or its answer made no sense.
 * - `invalidation_failed`: some peers could not be told about a set, remove or clear.
 * - `partial_failure`: some keys of a `getMany` failed.
 * - `listen_failed`: the node could not listen on its address.
 * - `stopped`: the node has been stopped.
 */
export type ErrorCode =
  | 'invalid_config'
  | 'invalid_key'
  | 'invalid_value'
  | 'unknown_group'
  | 'load_failed'
  | 'load_timeout'
  | 'overloaded'
  | 'deadline_exceeded'
  | 'peer_failed'
  | 'invalidation_failed'
  | 'partial_failure'
  | 'listen_failed'
  | 'stopped';

/** The base of every error that HgCache itself throws. Branch on `code`; `cause` is the error below, if any. */
export class HgCacheError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** An option is missing, unknown or out of range; the message names it and says what is allowed. */
export class ConfigError extends HgCacheError {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('invalid_config', message, options);
  }
}

/** A key is empty, too long, or not a string that stands for bytes. */
export class InvalidKeyError extends HgCacheError {
  constructor(message: string) {
    super('invalid_key', message);
  }
}

/** A value that the group's codec cannot encode or decode. */
export class InvalidValueError extends HgCacheError {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('invalid_value', message, options);
  }
}

/** The node that was asked has no group of this name. */
export class UnknownGroupError extends HgCacheError {
  constructor(group: string) {
    super('unknown_group', `no group named ${JSON.stringify(group)} on this node`);
  }
}

/** The loader failed (`load_failed`, the loader's error is the `cause`) or took too long (`load_timeout`). */
export class LoadError extends HgCacheError {
  constructor(code: 'load_failed' | 'load_timeout', message: string, options?: { readonly cause?: unknown }) {
    super(code, message, options);
  }
}

/** A bounded queue is full. Nothing was started; the same call may succeed later. */
export class OverloadedError extends HgCacheError {
  constructor(message: string) {
    super('overloaded', message);
  }
}

/** The caller's own `deadlineMs` passed. Other callers of the same key are not affected. */
export class DeadlineError extends HgCacheError {
  constructor(deadlineMs: number) {
    super('deadline_exceeded', `no answer within the deadline of ${deadlineMs} ms`);
  }
}

/** A peer was down, slow, or answered nonsense. A get falls back to the local loader, and never shows it. */
export class PeerError extends HgCacheError {
  /** The id of the peer. */
  readonly peer: string;

  constructor(peer: string, message: string, options?: { readonly cause?: unknown }) {
    super('peer_failed', `peer ${peer}: ${message}`, options);
    this.peer = peer;
  }
}

/**
 * Some peers could not be told about a `set`, `remove` or `clear`. The local copy is gone all the same, and the
 * peers are told again in the background until they answer or leave the cluster.
 */
export class InvalidationError extends HgCacheError {
  /** The ids of the peers that have not been told. */
  readonly peers: readonly string[];

  constructor(peers: readonly string[], options?: { readonly cause?: unknown }) {
    super('invalidation_failed', `could not tell ${peers.join(', ')}; retrying in the background`, options);
    this.peers = peers;
  }
}

/** Some keys of a `getMany` failed. What was found is in `values`, and why the others failed in `errors`. */
export class PartialError<V = unknown> extends HgCacheError {
  readonly values: ReadonlyMap<string, V>;
  readonly errors: ReadonlyMap<string, unknown>;

  constructor(values: ReadonlyMap<string, V>, errors: ReadonlyMap<string, unknown>) {
    const [first] = errors;
    const example = first ? `, e.g. ${JSON.stringify(first[0])}: ${messageOf(first[1])}` : '';
    super('partial_failure', `${errors.size} of the keys failed${example}`, { cause: first?.[1] });
    this.values = values;
    this.errors = errors;
  }
}

/** The node has been stopped, or is stopping. */
export class StoppedError extends HgCacheError {
  constructor() {
    super('stopped', 'this node has been stopped');
  }
}

/** The message of whatever was thrown. A loader may throw anything, also what has no text at all. */
export function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.message) : String(error);
  } catch {
    return inspect(error);
  }
}
