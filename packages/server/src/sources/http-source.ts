// The http source: values from a web server, one GET for each.

import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
  validateHeaderName,
  validateHeaderValue,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { ByteView, ConfigError, InvalidKeyError, LoadError, StoppedError } from 'hgcache';
import type { HttpSourceConfig } from '../config/config.ts';
import type { Source } from './source.ts';
import { parseUrlTemplate, type UrlTemplate } from './url-template.ts';

/** The largest body that is read, in bytes; an answer with a larger one is a `LoadError`. */
export const MAX_HTTP_BODY_BYTES: number = 64 * 1024 * 1024;

// The body of a "not found" is read to its end, as that keeps the connection, but not if it is longer than that.
const MAX_DRAINED_BYTES = 64 * 1024;

const NOT_FOUND: ReadonlySet<number> = new Set([204, 404, 410]);

/**
 * A source that asks `GET url` with the key put in for `{key}`: every byte of it that is not an unreserved character
 * is percent-encoded, `/` too, and nothing is normalised afterwards. Where `{key}` stands in the path, a key with a
 * segment `.` or `..`, between slashes or backslashes, is an `InvalidKeyError`, as servers would take it for a step.
 *
 * 200 is the value; 204, 404 and 410 say that there is none; every other status is a `LoadError` with the status in
 * its message. Redirects are not followed. Connections are kept and used again. A whole exchange may take `timeoutMs`.
 * Throws `ConfigError` for a bad template or a header that cannot be sent.
 */
export function createHttpSource(config: HttpSourceConfig): Source {
  const template = parseUrlTemplate(config.url);
  for (const [name, value] of Object.entries(config.headers)) checkHeader(name, value);
  const agentOptions = { keepAlive: true, scheduling: 'lifo' as const };
  const agent = template.isTls ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions);
  const headers = { 'accept-encoding': 'identity', ...lowerCased(config.headers) };
  const closing = new AbortController();

  return {
    load: async (key, { signal }) => {
      closing.signal.throwIfAborted();
      signal.throwIfAborted();
      const ending = new AbortController();
      const end = (reason: unknown): void => ending.abort(reason);
      const onAbort = (): void => end(signal.reason);
      const onClose = (): void => end(closing.signal.reason);
      const timer = setTimeout(() => {
        end(
          new LoadError(
            'load_timeout',
            `${template.origin}: no complete answer within ${config.timeoutMs} ms`,
          ),
        );
      }, config.timeoutMs);
      signal.addEventListener('abort', onAbort, { once: true });
      closing.signal.addEventListener('abort', onClose, { once: true });
      try {
        const options = { agent, headers, path: template.pathFor(key), signal: ending.signal };
        return await readValue(await send(template, options), template.origin);
      } catch (error) {
        if (ending.signal.aborted) throw ending.signal.reason;
        const isOurs = error instanceof LoadError || error instanceof InvalidKeyError;
        throw isOurs ? error : failed(template.origin, (error as Error).message, error);
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        closing.signal.removeEventListener('abort', onClose);
      }
    },
    close: async () => {
      closing.abort(new StoppedError());
      agent.destroy();
    },
  };
}

/** Sends the request, again when the server closed a kept connection at the very moment that it was used. */
async function send(template: UrlTemplate, options: RequestOptions): Promise<IncomingMessage> {
  for (;;) {
    const request = (template.isTls ? httpsRequest : httpRequest)({
      ...options,
      host: template.hostname,
      port: template.port,
    });
    try {
      return await new Promise<IncomingMessage>((resolve, reject) => {
        request.once('response', resolve);
        // Stays for good: an error after the response reaches the reader of the body, and here must not be thrown.
        request.on('error', reject);
        // The connection is no longer HTTP then, and Node tells nobody else.
        request.once('upgrade', (_response, socket) => {
          socket.destroy();
          reject(new Error('status 101 was not asked for'));
        });
        request.once('close', () => reject(new Error('the connection ended without an answer')));
        request.end();
      });
    } catch (error) {
      const wasClosed = (error as NodeJS.ErrnoException).code === 'ECONNRESET';
      if (!request.reusedSocket || !wasClosed || options.signal?.aborted) throw error;
    }
  }
}

async function readValue(response: IncomingMessage, origin: string): Promise<ByteView | undefined> {
  const status = response.statusCode ?? 0;
  if (NOT_FOUND.has(status)) {
    await drain(response);
    return undefined;
  }
  if (status !== 200) {
    await drain(response);
    const isRedirect = status >= 300 && status < 400;
    throw failed(origin, `status ${status}${isRedirect ? ' (redirects are not followed)' : ''}`);
  }
  const encoding = response.headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    response.destroy();
    throw failed(origin, `content-encoding ${encoding} was not asked for`);
  }
  return readBody(response, origin);
}

async function readBody(response: IncomingMessage, origin: string): Promise<ByteView> {
  const chunks: Buffer[] = [];
  let length = Number(response.headers['content-length'] ?? 0);
  if (length <= MAX_HTTP_BODY_BYTES) {
    length = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      // Leaving the loop destroys the response.
      if (length > MAX_HTTP_BODY_BYTES) break;
      chunks.push(chunk);
    }
  }
  if (length > MAX_HTTP_BODY_BYTES) {
    response.destroy();
    throw failed(origin, `the body is larger than ${MAX_HTTP_BODY_BYTES} bytes`);
  }
  return ByteView.from(Buffer.concat(chunks));
}

/** Reads a body that nobody needs; that it breaks off changes nothing about the status. */
async function drain(response: IncomingMessage): Promise<void> {
  let length = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MAX_DRAINED_BYTES) break;
    }
  } catch {
    response.destroy();
  }
}

function checkHeader(name: string, value: string): void {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch (cause) {
    // Not the value: it may be a secret.
    throw new ConfigError(`source headers: ${JSON.stringify(name)} cannot be sent as a header`, { cause });
  }
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function failed(origin: string, problem: string, cause?: unknown): LoadError {
  return new LoadError('load_failed', `${origin}: ${problem}`, { cause });
}
