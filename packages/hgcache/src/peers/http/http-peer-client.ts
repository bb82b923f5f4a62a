// The asking side of the HTTP transport: each operation in the words that the peer in question understands.

import type { IncomingHttpHeaders } from 'node:http';
import type { ByteView } from '../../byte-view.ts';
import { systemClock } from '../../clock.ts';
import { HgCacheError, messageOf, PeerError } from '../../errors.ts';
import { keyToBytes } from '../../key.ts';
import type { Member } from '../../member.ts';
import type { PeerCallOptions, PeerOutcome, PeerValue } from '../peer-transport.ts';
import {
  BATCH_TYPE,
  type BatchOutcome,
  CLEAR,
  decodeOutcomes,
  encodeKeys,
  GET_KEYS,
  MAX_BATCH_KEYS,
  REMOVE_KEYS,
} from './batch.ts';
import { errorText } from './error-text.ts';
import { CHANGE_CONNECTIONS, type ExchangeAnswer, isUnreachable } from './http-exchange.ts';
import { AGE_HEADER, ERROR_HEADER, errorFromDialect, errorFromNode, HGCACHE_HEADER } from './http-status.ts';
import type { CompleteHttpTransportOptions } from './http-transport-options.ts';
import { inLanes } from './in-lanes.ts';
import { encodePathSegment } from './path-segment.ts';
import { type PeerCall, PeerCalls } from './peer-calls.ts';
import { encodeJsonKeys } from './remove-keys-json.ts';
import { expiryFrom, TTL_HEADER, ttlHeaderOf } from './time-left.ts';
import { decodeGetResponse, encodeSetRequest, PROTOBUF_TYPE } from './wire.ts';

/** Asks peers; see `PeerTransport` for what each method promises. */
export class HttpPeerClient {
  readonly #options: CompleteHttpTransportOptions;
  readonly #calls: PeerCalls;

  constructor(options: CompleteHttpTransportOptions) {
    this.#options = options;
    this.#calls = new PeerCalls(options);
  }

  /** Refuses calls from now on; resolves when those under way have settled. */
  close(): Promise<void> {
    return this.#calls.close();
  }

  /** Closes every connection; calls under way fail. */
  closeConnections(): void {
    this.#calls.closeConnections();
  }

  get(peer: Member, group: string, key: string, options: PeerCallOptions): Promise<PeerValue | undefined> {
    return this.#calls.run(peer, options, (call) => this.#get(call, group, key));
  }

  getMany(
    peer: Member,
    group: string,
    keys: readonly string[],
    options: PeerCallOptions,
  ): Promise<readonly PeerOutcome[]> {
    return this.#calls.run(peer, options, async (call) => {
      const outcomes: PeerOutcome[] = [];
      for (const batch of batchesOf(keys)) outcomes.push(...(await this.#getBatch(call, group, batch)));
      return outcomes;
    });
  }

  set(
    peer: Member,
    group: string,
    key: string,
    value: ByteView,
    expiresAtMs: number,
    options: PeerCallOptions,
  ): Promise<void> {
    return this.#calls.run(peer, options, async (call) => {
      await this.#refuseGroupcache(call);
      const ttl = expiresAtMs === 0 ? {} : { [TTL_HEADER]: ttlHeaderOf(expiresAtMs, systemClock.now()) };
      const answer = await this.#calls.send(call, {
        purpose: 'change',
        method: 'PUT',
        path: pathOf(group, key),
        headers: { 'content-type': PROTOBUF_TYPE, ...ttl },
        body: encodeSetRequest({ group, key: keyToBytes(key), value, expiresAtMs }),
      });
      this.#expectDone(call, answer);
    });
  }

  remove(peer: Member, group: string, keys: readonly string[], options: PeerCallOptions): Promise<void> {
    return this.#calls.run(peer, options, async (call) => {
      await this.#refuseGroupcache(call);
      if (keys.length > 1) await this.#removeMany(call, group, keys);
      else await this.#removeEach(call, group, keys);
    });
  }

  clear(peer: Member, group: string, options: PeerCallOptions): Promise<void> {
    return this.#calls.run(peer, options, async (call) => {
      const isNode = await this.#calls.isNodeByNow(call);
      if (!isNode) throw new PeerError(call.id, 'is no HgCache node, and cannot clear a group');
      const path = pathOf(group) + CLEAR;
      this.#expectDone(call, await this.#calls.send(call, { purpose: 'change', method: 'POST', path }));
    });
  }

  async #get(call: PeerCall, group: string, key: string): Promise<PeerValue | undefined> {
    const path = pathOf(group, key);
    const answer = await this.#calls.send(call, { purpose: 'read', method: 'GET', path });
    if (answer.status === 200) {
      const { headers, body } = answer;
      const { value, expiresAtMs } = decoded(call, () => decodeGetResponse(body));
      return {
        value,
        expiresAtMs: expiryFrom(headers, expiresAtMs, systemClock.now()),
        ageMs: ageOf(headers),
      };
    }
    const error = isOfNode(answer)
      ? errorOfNode(call, answer)
      : errorFromDialect(call.id, this.#options.dialect, answer.status, textOf(answer));
    if (error === undefined) return undefined;
    throw error;
  }

  async #getBatch(call: PeerCall, group: string, keys: readonly string[]): Promise<readonly PeerOutcome[]> {
    if (!(await this.#calls.isNode(call))) return this.#getEach(call, group, keys);
    const answer = await this.#calls.send(call, {
      purpose: 'read',
      method: 'POST',
      path: pathOf(group) + GET_KEYS,
      headers: { 'content-type': BATCH_TYPE },
      body: encodeKeys(keys),
    });
    // Another process has taken over the address, and has read this as a get at most.
    if (!isOfNode(answer)) return this.#getEach(call, group, keys);
    if (answer.status !== 200) throw errorOfNode(call, answer) ?? notDone(call, answer);

    const outcomes = decoded(call, () => decodeOutcomes(answer.body, keys.length, systemClock.now()));
    const deferred = keys.filter((_, index) => outcomes[index]?.kind === 'deferred');
    const found = (await this.#getEach(call, group, deferred)).values();
    return outcomes.map((outcome) =>
      outcome.kind === 'deferred' ? (found.next().value ?? {}) : outcomeOf(call, outcome),
    );
  }

  /** Gets keys one by one, as many at a time as there may be connections. */
  async #getEach(call: PeerCall, group: string, keys: readonly string[]): Promise<readonly PeerOutcome[]> {
    const outcomes = await inLanes(keys, this.#options.maxConnectionsPerPeer, async (key) => {
      try {
        const value = await this.#get(call, group, key);
        return value === undefined ? {} : { value };
      } catch (error) {
        // With no connection to be had the other keys need not be tried.
        if (!(error instanceof HgCacheError) || (error instanceof PeerError && isUnreachable(error)))
          throw error;
        return { error };
      }
    });
    const [first] = outcomes;
    if (first?.error instanceof PeerError && outcomes.every(({ error }) => error instanceof PeerError)) {
      throw first.error;
    }
    return outcomes;
  }

  async #removeMany(call: PeerCall, group: string, keys: readonly string[]): Promise<void> {
    const path = pathOf(group) + REMOVE_KEYS;
    if (await this.#calls.isNode(call)) {
      for (const batch of batchesOf(keys)) {
        const answer = await this.#calls.send(call, {
          purpose: 'change',
          method: 'POST',
          path,
          headers: { 'content-type': BATCH_TYPE },
          body: encodeKeys(batch),
        });
        if (!isOfNode(answer)) throw notDone(call, answer);
        this.#expectDone(call, answer);
      }
    } else if (!(await this.#removeByJson(call, group, keys))) {
      await this.#removeEach(call, group, keys);
    }
  }

  /** Removes keys as groupcache-go does; says `false` where that cannot be done. */
  async #removeByJson(call: PeerCall, group: string, keys: readonly string[]): Promise<boolean> {
    const { peer } = call;
    if (peer.removesKeys === false || !keys.every((key) => key.isWellFormed())) return false;
    const answer = await this.#calls.send(call, {
      purpose: 'change',
      method: 'POST',
      path: pathOf(group) + REMOVE_KEYS,
      headers: { 'content-type': 'application/json' },
      body: encodeJsonKeys(group, keys),
    });
    // mailgun/groupcache takes a POST for a get, and answers with a value if its loader finds one.
    peer.removesKeys = answer.status === 200 && answer.headers['content-type'] !== PROTOBUF_TYPE;
    return peer.removesKeys;
  }

  async #removeEach(call: PeerCall, group: string, keys: readonly string[]): Promise<void> {
    await inLanes(keys, CHANGE_CONNECTIONS, async (key) => {
      const path = pathOf(group, key);
      this.#expectDone(call, await this.#calls.send(call, { purpose: 'change', method: 'DELETE', path }));
    });
  }

  /** To golang/groupcache every method is a get, so nothing but gets may go there. */
  async #refuseGroupcache(call: PeerCall): Promise<void> {
    if (this.#options.dialect !== 'groupcache' || (await this.#calls.isNodeByNow(call))) return;
    throw new PeerError(call.id, 'talks like golang/groupcache, which can neither set nor remove');
  }

  #expectDone(call: PeerCall, answer: ExchangeAnswer): void {
    const isTrusted = isOfNode(answer) || this.#options.dialect === 'groupcache-go';
    if (answer.status === 200 && isTrusted) return;
    throw (isOfNode(answer) ? errorOfNode(call, answer) : undefined) ?? notDone(call, answer);
  }
}

function pathOf(group: string, key?: string): string {
  return `${encodePathSegment(group)}/${key === undefined ? '' : encodePathSegment(key)}`;
}

function batchesOf(keys: readonly string[]): readonly (readonly string[])[] {
  const batches = [];
  for (let at = 0; at < keys.length; at += MAX_BATCH_KEYS) batches.push(keys.slice(at, at + MAX_BATCH_KEYS));
  return batches;
}

function outcomeOf(call: PeerCall, outcome: Exclude<BatchOutcome, { kind: 'deferred' }>): PeerOutcome {
  if (outcome.kind === 'value') return { value: outcome.value };
  return outcome.kind === 'missing' ? {} : { error: errorFromNode(call.id, outcome.code, outcome.message) };
}

function isOfNode(answer: ExchangeAnswer): boolean {
  return answer.headers[HGCACHE_HEADER] !== undefined;
}

function decoded<T>(call: PeerCall, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw new PeerError(call.id, `its answer makes no sense: ${messageOf(error)}`, { cause: error });
  }
}

function notDone(call: PeerCall, answer: ExchangeAnswer): PeerError {
  return new PeerError(call.id, `answered ${answer.status}: ${textOf(answer)}`);
}

/** The error in an answer of an HgCache node; `undefined` when the answer says that the key was not found. */
function errorOfNode(call: PeerCall, answer: ExchangeAnswer): HgCacheError | undefined {
  const word = answer.headers[ERROR_HEADER];
  if (word === 'not_found') return undefined;
  return errorFromNode(call.id, typeof word === 'string' ? word : 'without a reason', textOf(answer));
}

function textOf({ body }: ExchangeAnswer): string {
  return errorText(body).trim();
}

function ageOf(headers: IncomingHttpHeaders): number {
  const exactMs = Number(headers[AGE_HEADER]);
  const ageMs = Number.isNaN(exactMs) ? Number(headers.age) * 1000 : exactMs;
  return ageMs >= 0 && ageMs < Number.POSITIVE_INFINITY ? ageMs : 0;
}
