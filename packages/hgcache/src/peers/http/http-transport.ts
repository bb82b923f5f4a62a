// The HTTP peer transport: groupcache's wire format on node:http, to live with HgCache nodes and with the Go family.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { ConfigError, StoppedError } from '../../errors.ts';
import type { Member } from '../../member.ts';
import type { PeerHandler, PeerTransport } from '../peer-transport.ts';
import { HttpPeerClient } from './http-peer-client.ts';
import {
  type CompleteHttpTransportOptions,
  completeHttpTransportOptions,
  type HttpTransportOptions,
} from './http-transport-options.ts';
import { describeBadAddress, parsePeerAddress } from './peer-address.ts';
import { PeerListener } from './peer-listener.ts';
import { PeerRoutes } from './peer-routes.ts';

export type { Dialect, HttpTransportOptions, ListenOptions } from './http-transport-options.ts';

/** A {@link PeerTransport} over HTTP. */
export interface HttpTransport extends PeerTransport {
  /**
   * Answers a request of a peer that an application's own server has received, before anything has read its body;
   * says `false` when the path is none of a peer's. With `listen: false` this is the only way in.
   */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
}

/**
 * Creates the HTTP transport of one node. A member is reached at `addresses.http`, or else at its id: a base URL
 * `http://host:port[/prefix]`, or `host:port` alone. Throws `ConfigError` when an option is wrong or unknown.
 *
 * docs/http-peers.md describes the wire format.
 */
export function createHttpTransport(options: HttpTransportOptions = {}): HttpTransport {
  const complete = completeHttpTransportOptions(options);
  const client = new HttpPeerClient(complete);
  const endpoint = new HttpEndpoint(complete, client);
  return {
    name: 'http',
    start: (self, handler) => endpoint.start(self, handler),
    stop: (timeoutMs) => endpoint.stop(timeoutMs),
    handle: (request, response) => endpoint.handle(request, response),
    get: (...call) => client.get(...call),
    getMany: (...call) => client.getMany(...call),
    set: (...call) => client.set(...call),
    remove: (...call) => client.remove(...call),
    clear: (...call) => client.clear(...call),
  };
}

/** The answering side, and what both sides have to do with starting and stopping. */
class HttpEndpoint {
  readonly #options: CompleteHttpTransportOptions;
  readonly #client: HttpPeerClient;
  readonly #routes: PeerRoutes;
  readonly #listener: PeerListener;
  #isStarted = false;
  #stopped: Promise<void> | undefined;

  constructor(options: CompleteHttpTransportOptions, client: HttpPeerClient) {
    this.#options = options;
    this.#client = client;
    this.#routes = new PeerRoutes(options);
    this.#listener = new PeerListener((request, response) => {
      if (this.handle(request, response)) return;
      response.writeHead(404, { 'content-type': 'text/plain' }).end('no peer asks for this path');
    });
  }

  async start(self: Member, handler: PeerHandler): Promise<void> {
    if (this.#stopped !== undefined) throw new StoppedError();
    if (this.#isStarted)
      throw new ConfigError('this transport serves a node already; create one for each node');
    const address = parsePeerAddress(self);
    if (address === undefined) throw new ConfigError(`self: ${describeBadAddress(self)}`);
    this.#isStarted = true;
    this.#routes.open(handler, address.prefix);
    const { listen } = this.#options;
    if (listen === false) return;
    await this.#listener.listen(listen?.host ?? address.host, listen?.port ?? address.port);
  }

  handle(request: IncomingMessage, response: ServerResponse): boolean {
    return this.#routes.handle(request, response);
  }

  stop(timeoutMs: number): Promise<void> {
    this.#stopped ??= this.#stop(timeoutMs);
    return this.#stopped;
  }

  async #stop(timeoutMs: number): Promise<void> {
    const answered = Promise.all([this.#routes.close(), this.#client.close()]);
    this.#listener.closeIdle();
    let timer: NodeJS.Timeout | undefined;
    const timeIsUp = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([answered, timeIsUp]);
    clearTimeout(timer);
    this.#listener.closeAll();
    this.#client.closeConnections();
  }
}
