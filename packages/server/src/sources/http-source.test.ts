import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { ConfigError, InvalidKeyError, keyFromBytes, LoadError, StoppedError } from 'hgcache';
import { afterEach, describe, expect, test } from 'vitest';
import { createHttpSource, MAX_HTTP_BODY_BYTES } from './http-source.ts';
import type { Source } from './source.ts';
import { sourceContract } from './source-contract.ts';

const never = new AbortController().signal;
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(handler: Handler): Promise<{ origin: string; server: Server }> {
  const server = createServer(handler);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  undo.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

interface Settings {
  readonly timeoutMs?: number;
  readonly headers?: Record<string, string>;
}

function open(url: string, { timeoutMs = 5_000, headers = {} }: Settings = {}): Source {
  const source = createHttpSource({ type: 'http', url, timeoutMs, headers });
  undo.push(() => source.close());
  return source;
}

async function textOf(source: Source, key = 'Tom'): Promise<string | undefined> {
  return (await source.load(key, { signal: never }))?.toString();
}

async function failureOf(source: Source, signal: AbortSignal = never): Promise<LoadError> {
  return source.load('Tom', { signal }).then(
    (value) => expect.fail(`gave ${value}`),
    (error) => error,
  );
}

describe('http source', () => {
  for (const { name, run } of sourceContract) {
    test(name, () =>
      run(async (values) => {
        const byPath = new Map([...values].map(([key, value]) => [rawPathOf(key), value]));
        const { origin } = await serve((request, response) => {
          const value = byPath.get(request.url ?? '');
          response.statusCode = value === undefined ? 404 : 200;
          response.end(value ?? 'no such key');
        });
        // In the query, where every key may stand.
        return open(`${origin}/users?name={key}`);
      }),
    );
  }

  /** Another way to the same bytes as the source's own. */
  function rawPathOf(key: string): string {
    let path = '/users?name=';
    for (const byte of Buffer.from(key)) {
      const character = String.fromCharCode(byte);
      const isUnreserved = /[A-Za-z0-9._~-]/.test(character);
      path += isUnreserved ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    }
    return path;
  }

  test.each([
    ['...', '/users/.../x?k=...'],
    ['a..b/.c', '/users/a..b%2F.c/x?k=a..b%2F.c'],
    ['%2e%2e', '/users/%252e%252e/x?k=%252e%252e'],
    ['a/b', '/users/a%2Fb/x?k=a%2Fb'],
    ['a b+c', '/users/a%20b%2Bc/x?k=a%20b%2Bc'],
    ['a&b=c#d?e', '/users/a%26b%3Dc%23d%3Fe/x?k=a%26b%3Dc%23d%3Fe'],
    ["!'()*", '/users/%21%27%28%29%2A/x?k=%21%27%28%29%2A'],
    ['100%', '/users/100%25/x?k=100%25'],
    ['ë', '/users/%C3%AB/x?k=%C3%AB'],
    [keyFromBytes(Uint8Array.of(0x61, 0xff, 0x2e)), '/users/a%FF./x?k=a%FF.'],
    ['$&', '/users/%24%26/x?k=%24%26'],
  ])('the key %j is asked for as %s', async (key, path) => {
    const { origin } = await serve((request, response) => response.end(request.url));
    expect(await textOf(open(`${origin}/users/{key}/x?k={key}`), key)).toBe(path);
  });

  test('the rest of the URL is normalised once, the key never', async () => {
    const { origin } = await serve((request, response) => response.end(request.url));
    expect(await textOf(open(`${origin}/a/../b c/{key}.json`), '..')).toBe('/b%20c/...json');
  });

  test.each([
    ['..', '/users/{key}'],
    ['.', '/users/{key}'],
    ['../admin', '/users/{key}'],
    ['a/../../admin', '/users/{key}'],
    ['a\\..\\admin', '/users/{key}'],
    ['a/.', '/users/{key}/x'],
    ['.', '/users/.{key}/x'],
    ['.', '/users/%2E{key}/x'],
    ['./x', '/users/{key}?k={key}'],
  ])('the key %j could be another path in %s, and is refused', async (key, template) => {
    let requests = 0;
    const { origin } = await serve((_, response) => {
      requests++;
      response.end();
    });
    const source = open(`${origin}${template}`);
    const failure = await source.load(key, { signal: never }).catch((error) => error);
    expect(failure).toBeInstanceOf(InvalidKeyError);
    expect(failure.message).toBe(`${JSON.stringify(key)} would be a step in the path of ${origin}`);
    expect(requests).toBe(0);
  });

  test.each(['..', 'a/../b', '../admin'])('the key %j may stand in a query', async (key) => {
    const { origin } = await serve((request, response) => response.end(request.url));
    expect(await textOf(open(`${origin}/users/../x?k={key}`), key)).toBe(`/x?k=${encodeURIComponent(key)}`);
  });

  test('bytes arrive as they are', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const { origin } = await serve((_, response) => response.end(bytes));
    const value = await open(`${origin}/{key}`).load('Tom', { signal: never });
    expect(value?.toBuffer()).toEqual(bytes);
  });

  test('headers are sent, in any case of letters', async () => {
    const { origin } = await serve((request, response) => {
      response.end(
        `${request.method} ${request.headers.authorization} ${request.headers['accept-encoding']}`,
      );
    });
    const source = open(`${origin}/{key}`, {
      headers: { AUTHORIZATION: 'Bearer abc', 'Accept-Encoding': 'identity;q=1' },
    });
    expect(await textOf(source)).toBe('GET Bearer abc identity;q=1');
  });

  test.each([204, 404, 410])('status %d is not found', async (status) => {
    const { origin } = await serve((_, response) => response.writeHead(status).end());
    expect(await textOf(open(`${origin}/{key}`))).toBeUndefined();
  });

  test.each([201, 206, 301, 304, 307, 400, 401, 403, 429, 500, 503])(
    'status %d is a LoadError',
    async (status) => {
      const { origin } = await serve((_, response) =>
        response.writeHead(status, { location: '/elsewhere' }).end(),
      );
      const failure = await failureOf(open(`${origin}/{key}`));
      expect(failure).toBeInstanceOf(LoadError);
      expect(failure.message).toContain(`${origin}: status ${status}`);
    },
  );

  test('one connection serves loads that follow each other, also after a key was not found', async () => {
    let connections = 0;
    const { origin, server } = await serve((request, response) => {
      if (request.url === '/missing') response.statusCode = 404;
      response.end('body');
    });
    server.on('connection', () => connections++);
    const source = open(`${origin}/{key}`);
    for (const key of ['a', 'missing', 'b', 'missing', 'c']) await textOf(source, key);
    expect(connections).toBe(1);
  });

  test('a kept connection that the server has closed meanwhile is replaced', async () => {
    let requests = 0;
    const { origin } = await serve((request, response) => {
      requests++;
      if (requests === 2) request.socket.destroy();
      else response.end(`answer ${requests}`);
    });
    const source = open(`${origin}/{key}`);
    expect(await textOf(source)).toBe('answer 1');
    expect(await textOf(source)).toBe('answer 3');
  });

  test('a new connection that the server closes is a LoadError at once', async () => {
    let requests = 0;
    const { origin } = await serve((request) => {
      requests++;
      request.socket.destroy();
    });
    expect(await failureOf(open(`${origin}/{key}`))).toBeInstanceOf(LoadError);
    expect(requests).toBe(1);
  });

  test('an origin that is not there is a LoadError that names it', async () => {
    const { origin, server } = await serve(() => {});
    server.close();
    const failure = await failureOf(open(`${origin}/{key}`));
    expect(failure).toBeInstanceOf(LoadError);
    expect(failure.message).toContain(origin);
  });

  test.each<[string, Handler]>([
    ['never answers', () => {}],
    [
      'stops in the middle',
      (_, response) => void response.writeHead(200, { 'content-length': 10 }).write('half'),
    ],
    [
      'drips without an end',
      (_, response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write('x'), 5);
        response.on('close', () => clearInterval(timer));
      },
    ],
  ])('an origin that %s is a load_timeout', async (_, handler) => {
    const { origin } = await serve(handler);
    const failure = await failureOf(open(`${origin}/{key}`, { timeoutMs: 60 }));
    expect(failure).toBeInstanceOf(LoadError);
    expect(failure.code).toBe('load_timeout');
    expect(failure.message).toContain('60 ms');
  });

  test('an answer that breaks off is a LoadError', async () => {
    const { origin } = await serve((request, response) => {
      response.writeHead(200, { 'content-length': 10 });
      response.write('half', () => request.socket.destroy());
    });
    expect((await failureOf(open(`${origin}/{key}`))).code).toBe('load_failed');
  });

  test('an answer that leaves HTTP is a LoadError at once', async () => {
    const { origin } = await serve((request) => {
      request.socket.end(
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nnoise',
      );
    });
    const failure = await failureOf(open(`${origin}/{key}`));
    expect(failure.message).toBe(`${origin}: status 101 was not asked for`);
  });

  test('an answer that is not HTTP is a LoadError', async () => {
    const server = createTcpServer((socket) => socket.end('SSH-2.0-nonsense\r\n\r\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    undo.push(() => server.close());
    const failure = await failureOf(open(`http://127.0.0.1:${(server.address() as AddressInfo).port}/{key}`));
    expect(failure.code).toBe('load_failed');
  });

  test('a body that was compressed without being asked is a LoadError', async () => {
    const { origin } = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
    );
    expect((await failureOf(open(`${origin}/{key}`))).message).toContain('content-encoding gzip');
  });

  const chunk = Buffer.alloc(1024 * 1024);
  function sendBody(response: ServerResponse, length: number): void {
    let left = length;
    const more = (): void => {
      while (left > 0) {
        const piece = chunk.subarray(0, Math.min(left, chunk.length));
        left -= piece.length;
        if (!response.write(piece)) {
          response.once('drain', more);
          return;
        }
      }
      response.end();
    };
    more();
  }

  test('a body of the largest size is read', async () => {
    const { origin } = await serve((_, response) => sendBody(response, MAX_HTTP_BODY_BYTES));
    const value = await open(`${origin}/{key}`).load('Tom', { signal: never });
    expect(value?.length).toBe(MAX_HTTP_BODY_BYTES);
  });

  test('a body of one byte more is a LoadError', async () => {
    const { origin } = await serve((_, response) => sendBody(response, MAX_HTTP_BODY_BYTES + 1));
    expect((await failureOf(open(`${origin}/{key}`))).message).toContain(
      `larger than ${MAX_HTTP_BODY_BYTES}`,
    );
  });

  test('a body that says beforehand that it is too large is not read', async () => {
    const { origin } = await serve((_, response) => {
      response.writeHead(200, { 'content-length': MAX_HTTP_BODY_BYTES + 1 });
      response.write('x');
    });
    expect((await failureOf(open(`${origin}/{key}`))).message).toContain(
      `larger than ${MAX_HTTP_BODY_BYTES}`,
    );
  });

  test('a caller who leaves ends the request at the origin', async () => {
    const controller = new AbortController();
    const reason = new Error('nobody waits');
    const closed = new Promise<void>((resolve) => {
      void serve((_, response) => {
        response.on('close', resolve);
        controller.abort(reason);
      }).then(async ({ origin }) => {
        expect(await failureOf(open(`${origin}/{key}`), controller.signal)).toBe(reason);
      });
    });
    await closed;
  });

  test('closing ends what is outstanding', async () => {
    let source: Source | undefined;
    const { origin } = await serve(() => void source?.close());
    source = open(`${origin}/{key}`);
    expect(await failureOf(source)).toBeInstanceOf(StoppedError);
  });

  test.each([
    ['http://h/users', '{key} must stand'],
    ['/users/{key}', 'not a URL'],
    ['ftp://h/{key}', 'http:// or https://'],
    ['http://{key}/', 'in the path or the query'],
    ['http://{key}.h/', 'in the path or the query'],
    ['http://h:{key}/', 'not a URL'],
    ['http://u:p@h/{key}', 'credentials'],
    ['http://h/#{key}', 'fragment'],
    ['http://h/{key}/../x', '.. behind {key} takes it away'],
    ['http://h/{key}/%2e%2e/x?k={key}', '.. behind {key} takes it away'],
  ])('the template %s is a ConfigError', (url, problem) => {
    expect(() => open(url)).toThrow(ConfigError);
    expect(() => open(url)).toThrow(problem);
  });

  test.each([
    ['http://user:s3cret@h:1/{key}', 'http://h:1/…: '],
    ['http://h/users?token=s3cret', 'http://h/…: '],
    ['http://user:s3/cret@h/{key}', ': not a URL'],
    ['s3cret', ': {key} must'],
  ])('of the template %s, no more than scheme and host is shown', (url, shown) => {
    expect(() => open(url)).toThrow(shown);
    expect(() => open(url)).not.toThrow(/s3/);
  });

  test('a header that cannot be sent is a ConfigError without its value', () => {
    const attempt = () => open('http://h/{key}', { headers: { authorization: 'secret\r\nx: y' } });
    expect(attempt).toThrow(ConfigError);
    expect(attempt).toThrow(/^source headers: "authorization" cannot be sent as a header$/);
    expect(() => open('http://h/{key}', { headers: { 'a b': 'c' } })).toThrow('"a b"');
  });
});
