// The HTTP transport keeps the promises of the port, and listens, serves and stops as its options say.

import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { ByteView } from '../../byte-view.ts';
import { ConfigError, HgCacheError, PeerError, StoppedError } from '../../errors.ts';
import { freePort } from '../../testing/free-port.ts';
import { transportContract } from '../../testing/transport-contract.ts';
import type { PeerHandler, PeerValue } from '../peer-transport.ts';
import { createHttpTransport, type HttpTransport, type HttpTransportOptions } from './http-transport.ts';

const CALL = { timeoutMs: 3_000 };
const TOM: PeerValue = { value: ByteView.from('630'), expiresAtMs: 0, ageMs: 0 };

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function start(script: Partial<PeerHandler>, options: HttpTransportOptions = {}, port?: number) {
  const transport: HttpTransport = createHttpTransport(options);
  closers.push(() => transport.stop(0));
  const self = { id: `http://127.0.0.1:${port ?? (await freePort())}` };
  await transport.start(self, script as PeerHandler);
  return { transport, self, port: Number(new URL(self.id).port) };
}

describe('the HTTP transport', () => {
  test.each(transportContract)('$name', async ({ run }) => {
    await run(async () => ({
      transport: createHttpTransport(),
      self: { id: `http://127.0.0.1:${await freePort()}` },
    }));
  });
});

describe('listening', () => {
  test('happens where the options say, whatever the address of the node', async () => {
    const port = await freePort();
    await start({ get: async () => TOM }, { listen: { host: '127.0.0.1', port } }, 9);
    const found = await createAsker().get({ id: `http://127.0.0.1:${port}` }, 'users', 'Tom', CALL);
    expect(found?.value.toString()).toBe('630');
  });

  test('on a port in use fails, and says so', async () => {
    const { port } = await start({});
    const error = await start({}, {}, port).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(HgCacheError);
    expect(error).toMatchObject({ code: 'listen_failed', cause: { code: 'EADDRINUSE' } });
    expect((error as Error).message).toBe(`cannot listen on 127.0.0.1:${port}: the port is in use`);
  });

  test('on an address that this machine does not have fails, and says so', async () => {
    const error = await start({}, { listen: { host: '192.0.2.1', port: 9 } }).catch(
      (thrown: unknown) => thrown,
    );
    expect((error as Error).message).toBe('cannot listen on 192.0.2.1:9: this machine has no such address');
  });

  test('is for one node, once', async () => {
    const { transport, self } = await start({});
    await expect(transport.start(self, {} as PeerHandler)).rejects.toThrow(ConfigError);
    await transport.stop(0);
    await expect(transport.start(self, {} as PeerHandler)).rejects.toThrow(StoppedError);
  });

  test('needs a node whose id or address is one for HTTP', async () => {
    await expect(createHttpTransport().start({ id: 'local' }, {} as PeerHandler)).rejects.toThrow(
      ConfigError,
    );
  });
});

describe('a server of the application', () => {
  test('passes the requests of peers on, and keeps its own', async () => {
    const transport = createHttpTransport({ listen: false });
    closers.push(() => transport.stop(0));
    const server = createServer((incoming, outgoing) => {
      if (!transport.handle(incoming, outgoing)) outgoing.end('the application');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => server.close());
    const self = { id: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
    const asker = createAsker();

    const tooEarly = await asker.get(self, 'users', 'Tom', CALL).catch((error: unknown) => error);
    expect(tooEarly).toBeInstanceOf(PeerError);
    await transport.start(self, { get: async () => TOM } as Partial<PeerHandler> as PeerHandler);
    expect((await asker.get(self, 'users', 'Tom', CALL))?.value.toString()).toBe('630');
    expect(await (await fetch(`${self.id}/index.html`)).text()).toBe('the application');
    await transport.stop(1_000);
    await expect(asker.get(self, 'users', 'Tom', CALL)).rejects.toThrow('stopped');
    expect(await (await fetch(`${self.id}/index.html`)).text()).toBe('the application');
  });
});

describe('an asker that stops reading', () => {
  test('is given a minute with a large value', async () => {
    const large = { ...TOM, value: ByteView.from(Buffer.alloc(50_000_000)) };
    const transport = createHttpTransport({ listen: false });
    await transport.start({ id: 'http://127.0.0.1:9' }, {
      get: async () => large,
    } as Partial<PeerHandler> as PeerHandler);
    closers.push(() => transport.stop(0));
    const written = Promise.withResolvers<number | undefined>();
    const server = createServer((incoming, outgoing) => {
      transport.handle(incoming, outgoing);
      setTimeout(() => written.resolve(incoming.socket.timeout), 50);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1').pause();
    closers.push(() => {
      socket.destroy();
      server.close();
    });
    socket.write('GET /_groupcache/users/Tom HTTP/1.1\r\nhost: a\r\n\r\n');
    expect(await written.promise).toBe(60_000);
  });
});

describe('stopping', () => {
  test('closes idle connections at once, also those that never asked', async () => {
    const { transport, self, port } = await start({ get: async () => TOM });
    await createAsker().get(self, 'users', 'Tom', CALL);
    const silent = connect(port, '127.0.0.1');
    silent.on('error', () => {});
    await new Promise((resolve) => silent.once('connect', resolve));
    const closed = new Promise((resolve) => silent.once('close', resolve));
    const startedMs = performance.now();
    await transport.stop(10_000);
    await closed;
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });

  test('lets answers under way finish, takes no new request meanwhile, and then closes their connections', async () => {
    const asked = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const large = ByteView.from(Buffer.alloc(4_000_000, 'x'));
    const { transport, self, port } = await start({
      get: async () => {
        asked.resolve();
        await release.promise;
        return { ...TOM, value: large };
      },
    });
    const answer = createAsker().get(self, 'users', 'Tom', CALL);
    await asked.promise;
    const stopped = transport.stop(10_000);
    expect(transport.stop(0)).toBe(stopped);
    const refused = await createAsker()
      .get(self, 'users', 'Tom', CALL)
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(PeerError);
    release.resolve();
    expect((await answer)?.value.equals(large)).toBe(true);
    await stopped;
    await start({}, {}, port);
  });

  test('breaks off what is not done in time, and tells the handler', async () => {
    const gone = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const { transport, self } = await start({
      get: (_, __, signal) => {
        signal?.addEventListener('abort', () => gone.resolve());
        asked.resolve();
        return new Promise(() => {});
      },
    });
    const answer = createAsker().get(self, 'users', 'Tom', CALL);
    const rejected = expect(answer).rejects.toThrow(PeerError);
    await asked.promise;
    await transport.stop(30);
    await rejected;
    await gone.promise;
  });

  test('lets questions under way be answered, and refuses more', async () => {
    const release = Promise.withResolvers<void>();
    const { self } = await start({
      get: async () => {
        await release.promise;
        return TOM;
      },
    });
    const asker = createAsker();
    const answer = asker.get(self, 'users', 'Tom', CALL);
    const stopped = asker.stop(10_000);
    await expect(asker.get(self, 'users', 'Tom', CALL)).rejects.toThrow(PeerError);
    release.resolve();
    expect((await answer)?.value.toString()).toBe('630');
    await stopped;
  });

  test('leaves a keep-alive connection no way to ask on', async () => {
    const asked = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const { transport, port } = await start({
      get: async () => {
        asked.resolve();
        await release.promise;
        return TOM;
      },
    });
    const answer = new Promise<string | undefined>((resolve, reject) => {
      const outgoing = request({
        port,
        path: '/_groupcache/users/Tom',
        headers: { connection: 'keep-alive' },
      });
      outgoing.on('response', (incoming) => {
        incoming.resume();
        resolve(incoming.headers.connection);
      });
      outgoing.on('error', reject);
      outgoing.end();
    });
    await asked.promise;
    const stopped = transport.stop(10_000);
    release.resolve();
    expect(await answer).toBe('close');
    await stopped;
  });
});

function createAsker(): HttpTransport {
  const asker = createHttpTransport();
  closers.push(() => asker.stop(0));
  return asker;
}
