// The HTTP transport keeps the promises of the port, and those of its own options.

import { createServer } from 'node:net';
import { describe, test } from 'vitest';
import { transportContract } from '../../testing/transport-contract.ts';
import { createHttpTransport } from './http-transport.ts';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

describe('the HTTP transport', () => {
  test.each(transportContract)('$name', async ({ run }) => {
    await run(async () => ({
      transport: createHttpTransport(),
      self: { id: `http://127.0.0.1:${await freePort()}` },
    }));
  });
});
