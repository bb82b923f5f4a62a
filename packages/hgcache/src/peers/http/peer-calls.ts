// Calls to peers: where each is reached, what has been learned about it, and how long the call may take.

import { PeerError, StoppedError } from '../../errors.ts';
import type { Member } from '../../member.ts';
import type { PeerCallOptions } from '../peer-transport.ts';
import { type ExchangeAnswer, HttpExchange, isUnreachable, type Purpose } from './http-exchange.ts';
import { HGCACHE_HEADER } from './http-status.ts';
import type { CompleteHttpTransportOptions } from './http-transport-options.ts';
import { describeBadAddress, type PeerAddress, parsePeerAddress } from './peer-address.ts';
import { RequestsUnderWay } from './requests-under-way.ts';

/** What has been learned about a peer from its answers. */
export interface KnownPeer {
  readonly address: PeerAddress;
  /** Whether it is an HgCache node, or of the Go family; `undefined` before its first answer. */
  isNode: boolean | undefined;
  /** Whether it removes many keys at once, as groupcache-go does and mailgun/groupcache does not. */
  removesKeys: boolean | undefined;
}

/** One call of the transport, which can be several requests. */
export interface PeerCall {
  readonly id: string;
  readonly peer: KnownPeer;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
  readonly endsAtMs: number;
}

/** A request of a call. */
export interface CallRequest {
  readonly purpose: Purpose;
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** What follows the base path, as it goes on the wire. */
  readonly path: string;
  readonly body?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

// Addresses come and go with the pods of a cluster; what was learned about the oldest is forgotten past this many.
const MAX_KNOWN_PEERS = 4_096;

/** Makes calls, and remembers what the answers tell about the peers. */
export class PeerCalls {
  readonly #basePath: string;
  readonly #exchange: HttpExchange;
  readonly #underWay = new RequestsUnderWay();
  readonly #known = new Map<string, KnownPeer>();
  #isStopping = false;

  constructor(options: CompleteHttpTransportOptions) {
    this.#basePath = options.basePath;
    this.#exchange = new HttpExchange(options);
  }

  /** Refuses calls from now on; resolves when those under way have settled. */
  close(): Promise<void> {
    this.#isStopping = true;
    return this.#underWay.idle();
  }

  /** Closes every connection; calls under way fail. */
  closeConnections(): void {
    this.#exchange.close();
  }

  /** Makes one call. */
  async run<T>(
    member: Member,
    { signal, timeoutMs }: PeerCallOptions,
    work: (call: PeerCall) => Promise<T>,
  ): Promise<T> {
    if (this.#isStopping) {
      throw new PeerError(member.id, 'this node has been stopped', { cause: new StoppedError() });
    }
    const peer = this.#peerOf(member);
    this.#underWay.begin();
    try {
      const endsAtMs = performance.now() + timeoutMs;
      return await work({ id: member.id, peer, signal, timeoutMs, endsAtMs });
    } finally {
      this.#underWay.end();
    }
  }

  /** Sends one request of a call and learns from the answer, whatever its status. */
  async send(call: PeerCall, { path, ...request }: CallRequest): Promise<ExchangeAnswer> {
    const { id, peer, signal, timeoutMs, endsAtMs } = call;
    const { address } = peer;
    const fullPath = address.prefix + this.#basePath + path;
    try {
      const answer = await this.#exchange.send({
        ...request,
        peer: id,
        address,
        path: fullPath,
        signal,
        timeoutMs,
        endsAtMs,
      });
      peer.isNode = answer.headers[HGCACHE_HEADER] !== undefined;
      return answer;
    } catch (error) {
      if (error instanceof PeerError && isUnreachable(error)) {
        peer.isNode = undefined;
        peer.removesKeys = undefined;
      }
      throw error;
    }
  }

  /** Whether the peer is an HgCache node, as far as is known; it is asked when nothing is known yet. */
  async isNode(call: PeerCall): Promise<boolean> {
    return call.peer.isNode ?? (await this.#probe(call));
  }

  /** Likewise, but a peer that was none is asked again: another process may have taken over its address. */
  async isNodeByNow(call: PeerCall): Promise<boolean> {
    return call.peer.isNode === true || (await this.#probe(call));
  }

  async #probe(call: PeerCall): Promise<boolean> {
    const { headers } = await this.send(call, { purpose: 'change', method: 'GET', path: '' });
    return headers[HGCACHE_HEADER] !== undefined;
  }

  #peerOf(member: Member): KnownPeer {
    const address = parsePeerAddress(member);
    if (address === undefined) throw new PeerError(member.id, describeBadAddress(member));
    const name = `${address.host} ${address.port} ${address.prefix}`;
    let peer = this.#known.get(name);
    if (peer === undefined) {
      peer = { address, isNode: undefined, removesKeys: undefined };
      const [oldest] = this.#known.keys();
      if (oldest !== undefined && this.#known.size >= MAX_KNOWN_PEERS) this.#known.delete(oldest);
      this.#known.set(name, peer);
    }
    return peer;
  }
}
