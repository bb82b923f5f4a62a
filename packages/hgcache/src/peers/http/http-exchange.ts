// One request to a peer and its answer: connections kept alive, time-outs, cancellation, and one retry.

import { type Agent, type ClientRequestArgs, type IncomingHttpHeaders, request } from 'node:http';
import { messageOf, PeerError } from '../../errors.ts';
import { ConnectionPool, ConnectTimeout } from './connection-pool.ts';
import { HGCACHE_HEADER, HGCACHE_VERSION } from './http-status.ts';
import type { CompleteHttpTransportOptions } from './http-transport-options.ts';
import type { PeerAddress } from './peer-address.ts';
import { readBody } from './read-body.ts';

/**
 * What a request is for. Reads wait for loaders, and may occupy all of their connections for long; changes, and the
 * question who a peer is, have others, so that slow loads do not hold an invalidation back.
 */
export type Purpose = 'read' | 'change';

/** Connections to each peer for changes, which are quick. */
export const CHANGE_CONNECTIONS = 8;

/** A request. */
export interface ExchangeRequest {
  /** The id of the peer, for errors. */
  readonly peer: string;
  readonly purpose: Purpose;
  readonly address: PeerAddress;
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** As it goes on the wire. */
  readonly path: string;
  readonly body?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** How long the whole call may take, in ms; a call can be several requests. */
  readonly timeoutMs: number;
  /** When that time is over, on the clock of `performance.now()`. */
  readonly endsAtMs: number;
}

/** An answer, whatever its status. */
export interface ExchangeAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Whether no connection came about: the peer is not there, and somebody else may be the next time. */
export function isUnreachable({ cause }: PeerError): boolean {
  return cause instanceof ConnectTimeout || UNREACHABLE.has((cause as NodeJS.ErrnoException)?.syscall ?? '');
}

// What fails where no connection comes about.
const UNREACHABLE: ReadonlySet<string> = new Set(['connect', 'getaddrinfo']);
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Holds the connections to all peers. */
export class HttpExchange {
  readonly #maxBodyBytes: number;
  readonly #pools: { readonly [purpose in Purpose]: ConnectionPool };

  constructor({ maxBodyBytes, maxConnectionsPerPeer, connectTimeoutMs }: CompleteHttpTransportOptions) {
    this.#maxBodyBytes = maxBodyBytes;
    this.#pools = {
      read: new ConnectionPool(maxConnectionsPerPeer, connectTimeoutMs),
      change: new ConnectionPool(CHANGE_CONNECTIONS, connectTimeoutMs),
    };
  }

  /**
   * Sends a request, which must be idempotent, and reads the answer. Rejects with {@link PeerError} when there is no
   * complete one, and with the signal's reason when it fires.
   */
  async send(exchange: ExchangeRequest): Promise<ExchangeAnswer> {
    const { keptAlive, fresh } = this.#pools[exchange.purpose];
    try {
      return await this.#attempt(exchange, keptAlive);
    } catch (error) {
      if (!(error instanceof DeadConnection)) throw error;
      return await this.#attempt(exchange, fresh);
    }
  }

  /** Closes every connection; requests under way fail. */
  close(): void {
    this.#pools.read.close();
    this.#pools.change.close();
  }

  #attempt(exchange: ExchangeRequest, agent: Agent): Promise<ExchangeAnswer> {
    const { peer, signal, timeoutMs, endsAtMs } = exchange;
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const outgoing = request(requestArgs(exchange, agent));
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
      const fail = (error: unknown): void => {
        settle();
        reject(error);
        outgoing.destroy();
      };
      const onAbort = (): void => fail(signal?.reason);
      const timer = setTimeout(
        () => fail(new PeerError(peer, `no answer within ${timeoutMs} ms`)),
        Math.min(endsAtMs - performance.now(), LONGEST_TIMER_MS),
      );
      signal?.addEventListener('abort', onAbort, { once: true });

      let hasAnswer = false;
      outgoing.on('response', (incoming) => {
        hasAnswer = true;
        readBody(incoming, this.#maxBodyBytes).then(
          (body) => {
            if (body === undefined) {
              fail(new PeerError(peer, `its answer is longer than ${this.#maxBodyBytes} bytes`));
            } else {
              settle();
              resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body });
            }
          },
          (error: unknown) =>
            fail(new PeerError(peer, 'closed the connection in mid-answer', { cause: error })),
        );
      });
      outgoing.on('error', (error) => fail(failureOf(peer, error, outgoing.reusedSocket && !hasAnswer)));
      // Where there was no error either, as after an answer that switches protocols.
      outgoing.on('close', () => {
        if (!hasAnswer) fail(new PeerError(peer, 'closed the connection without an answer'));
      });
      outgoing.end(exchange.body);
    });
  }
}

/** Internal to the retry: the connection had been closed by the peer before the request got there. */
class DeadConnection extends Error {}

function requestArgs(
  { address, method, path, body, headers: more }: ExchangeRequest,
  agent: Agent,
): ClientRequestArgs {
  const headers: Record<string, string | number> = { [HGCACHE_HEADER]: HGCACHE_VERSION, ...more };
  if (body !== undefined) headers['content-length'] = body.length;
  return { host: address.host, port: address.port, method, path, headers, agent };
}

function failureOf(peer: string, error: NodeJS.ErrnoException, isReused: boolean): Error {
  if (isReused && (error.code === 'ECONNRESET' || error.code === 'EPIPE')) return new DeadConnection();
  return new PeerError(peer, messageOf(error), { cause: error });
}
