// The HTTP server that a node opens for its peers.

import { createServer, type RequestListener, type Server } from 'node:http';
import { HgCacheError, messageOf } from '../../errors.ts';

// How long a peer may take for a whole request, and how long a connection stays open without one.
const REQUEST_TIMEOUT_MS = 60_000;
// A key of 1,024 bytes takes three times that in percent escapes.
const MAX_HEADER_BYTES = 16 * 1024;

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use',
  EACCES: 'this user may not use the port',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'there is no such host',
};

/** Listens, and gives up its connections in order. */
export class PeerListener {
  readonly #server: Server;

  constructor(onRequest: RequestListener) {
    this.#server = createServer(
      {
        headersTimeout: REQUEST_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        keepAliveTimeout: REQUEST_TIMEOUT_MS,
        maxHeaderSize: MAX_HEADER_BYTES,
      },
      onRequest,
    );
  }

  /** Rejects with `listen_failed`, and says why in words. */
  listen(host: string, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const onError = (error: NodeJS.ErrnoException): void => {
        const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
        const reason = REASONS[error.code ?? ''] ?? messageOf(error);
        reject(new HgCacheError('listen_failed', `cannot listen on ${address}: ${reason}`, { cause: error }));
      };
      this.#server.once('error', onError);
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', onError);
        // An accept that fails, as with too many open files, costs that connection and not the process.
        this.#server.on('error', () => {});
        resolve();
      });
    });
  }

  /** Accepts no more connections, and closes those that have nothing to do. */
  closeIdle(): void {
    this.#server.close();
    this.#server.closeIdleConnections();
  }

  /** Closes every connection. */
  closeAll(): void {
    this.#server.closeAllConnections();
  }
}
