// What the cases of the transports' contract are made of: a scripted peer, and somebody who asks it.

import assert from 'node:assert/strict';
import { ByteView } from '../byte-view.ts';
import { PeerError } from '../errors.ts';
import type { Member } from '../member.ts';
import type { PeerCallOptions, PeerHandler, PeerTransport, PeerValue } from '../peers/peer-transport.ts';

/** A transport that has not been started, and the member that it is to be started as. */
export interface NewTransport {
  readonly transport: PeerTransport;
  readonly self: Member;
}

/** Makes one more transport of the same network, at an address where nobody is yet. */
export type CreateTransport = () => Promise<NewTransport>;

/** One promise of the port, to be tried on transports. */
export interface TransportCase {
  readonly name: string;
  run(create: CreateTransport): Promise<void>;
}

/** Limits that no case should reach. */
export const CALL: PeerCallOptions = { timeoutMs: 5_000 };
/** A moment with milliseconds. */
export const EXPIRES_AT_MS: number = Date.UTC(2026, 10, 22, 12, 30, 15, 250);

/** A value that never expires. */
export function peerValue(text: string): PeerValue {
  return { value: ByteView.from(text), expiresAtMs: 0, ageMs: 0 };
}

/**
 * Asserts that an expiry has arrived. A transport may send the time that is left in place of the moment, which comes
 * out later by what it was on its way.
 */
export function assertExpiry(actual: number | undefined): void {
  const laterMs = (actual ?? Number.NaN) - EXPIRES_AT_MS;
  assert.ok(Math.abs(laterMs) < CALL.timeoutMs, `${actual} is ${laterMs} ms after ${EXPIRES_AT_MS}`);
}

/** A handler that knows what the case scripts, and to which everything else is a mistake. */
export function handlerOf(script: Partial<PeerHandler>): PeerHandler {
  const unexpected = (): never => {
    throw new Error('this request was not expected');
  };
  return {
    get: async () => unexpected(),
    getMany: async () => unexpected(),
    set: async () => unexpected(),
    remove: async () => unexpected(),
    clear: async () => unexpected(),
    ...script,
  };
}

/** Starts an asker and a peer with this script, and stops both again. */
export async function withPeer(
  create: CreateTransport,
  script: Partial<PeerHandler>,
  use: (asker: PeerTransport, peer: Member) => Promise<void>,
): Promise<void> {
  const asker = await create();
  const peer = await create();
  await asker.transport.start(asker.self, handlerOf({}));
  await peer.transport.start(peer.self, handlerOf(script));
  try {
    await use(asker.transport, peer.self);
  } finally {
    await Promise.all([asker.transport.stop(0), peer.transport.stop(0)]);
  }
}

/** Asserts that a call rejects with a `PeerError` that names this peer. */
export async function rejectsWithPeerError(peer: Member, call: Promise<unknown>): Promise<void> {
  await assert.rejects(call, (error) => error instanceof PeerError && error.peer === peer.id);
}
