// The connections to all peers for one kind of request: a bounded number to each, kept alive.

import { Agent, type AgentOptions, type ClientRequestArgs } from 'node:http';
import { connect, type NetConnectOpts, type Socket } from 'node:net';

// An idle connection is closed before servers, which mostly wait a minute, close it on their side.
const IDLE_CONNECTION_MS = 30_000;

/** No connection came about within the time for it. */
export class ConnectTimeout extends Error {}

/** Up to `maxPerPeer` connections to each peer; what is asked beyond that waits for one. */
export class ConnectionPool {
  readonly keptAlive: Agent;
  /** For the retry after a connection that was kept alive turned out to be dead: others of the same age may be too. */
  readonly fresh: Agent;

  constructor(maxPerPeer: number, connectTimeoutMs: number) {
    this.keptAlive = new PeerAgent(connectTimeoutMs, {
      keepAlive: true,
      maxSockets: maxPerPeer,
      maxFreeSockets: maxPerPeer,
      timeout: IDLE_CONNECTION_MS,
    });
    this.fresh = new PeerAgent(connectTimeoutMs, { maxSockets: maxPerPeer });
  }

  /** Closes every connection; requests under way fail. */
  close(): void {
    this.keptAlive.destroy();
    this.fresh.destroy();
  }
}

/** Gives up on connections that take too long. */
class PeerAgent extends Agent {
  readonly #connectTimeoutMs: number;

  constructor(connectTimeoutMs: number, options: AgentOptions) {
    super(options);
    this.#connectTimeoutMs = connectTimeoutMs;
  }

  override createConnection(options: ClientRequestArgs): Socket {
    const socket = connect(options as NetConnectOpts);
    const onTime = (): void => {
      socket.destroy(new ConnectTimeout(`no connection within ${this.#connectTimeoutMs} ms`));
    };
    const timer = setTimeout(onTime, this.#connectTimeoutMs);
    const onSettled = (): void => clearTimeout(timer);
    socket.once('connect', onSettled).once('close', onSettled);
    return socket;
  }
}
