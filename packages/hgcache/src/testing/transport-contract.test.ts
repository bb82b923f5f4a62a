// The transport within one process keeps the promises of every transport.

import { describe, test } from 'vitest';
import { createMemoryNetwork } from './memory-transport.ts';
import { transportContract } from './transport-contract.ts';

describe('the memory transport', () => {
  test.each(transportContract)('$name', async ({ run }) => {
    const network = createMemoryNetwork();
    let nodes = 0;
    await run(async () => ({ transport: network.createTransport(), self: { id: `node-${++nodes}` } }));
  });
});
