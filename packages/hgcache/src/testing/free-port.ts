// A port that nobody listens on, for nodes that must know their address before they start.

import { createServer } from 'node:net';

/** A free port of 127.0.0.1. It stays free for long enough unless the machine is very busy opening ports. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
