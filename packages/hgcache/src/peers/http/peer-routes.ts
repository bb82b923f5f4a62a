// The requests of peers over HTTP: who asks, which group and key, and what the handler of this node says to it.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { systemClock } from '../../clock.ts';
import { HgCacheError, StoppedError } from '../../errors.ts';
import { keyFromBytes } from '../../key.ts';
import type { PeerHandler } from '../peer-transport.ts';
import { BATCH_TYPE, CLEAR, decodeKeys, encodeOutcomes, GET_KEYS, REMOVE_KEYS } from './batch.ts';
import { type Audience, HGCACHE_HEADER } from './http-status.ts';
import type { CompleteHttpTransportOptions } from './http-transport-options.ts';
import { decodePathSegment } from './path-segment.ts';
import { answerDone, answerError, answerValue, RefusedRequest } from './peer-answer.ts';
import { readBody } from './read-body.ts';
import { decodeJsonKeys } from './remove-keys-json.ts';
import { RequestsUnderWay } from './requests-under-way.ts';
import { expiryFrom } from './time-left.ts';
import { decodeSetRequest } from './wire.ts';

/** What nodes of the first HgCache ask under. */
const SEED_BASE_PATH = '/_hgcache/';

/** Answers the requests of peers. */
export class PeerRoutes {
  readonly #options: CompleteHttpTransportOptions;
  readonly #underWay = new RequestsUnderWay();
  // One signal for all requests of a connection: they come one after another, and end together when it closes.
  readonly #gone = new WeakMap<Socket, AbortController>();
  #basePaths: readonly string[];
  #handler: PeerHandler | undefined;
  #isStopping = false;

  constructor(options: CompleteHttpTransportOptions) {
    this.#options = options;
    this.#basePaths = [options.basePath, SEED_BASE_PATH];
  }

  /** Begins to pass requests on. They come under `prefix`, too, where the node's own address has one. */
  open(handler: PeerHandler, prefix: string): void {
    this.#handler = handler;
    if (prefix !== '') {
      const { basePath } = this.#options;
      this.#basePaths = [prefix + basePath, prefix + SEED_BASE_PATH, basePath, SEED_BASE_PATH];
    }
  }

  /** Refuses requests from now on; resolves when those under way have been answered. */
  close(): Promise<void> {
    this.#isStopping = true;
    return this.#underWay.idle();
  }

  /** Answers a request, or says `false` when its path is none of a peer's. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const target = originForm(request.url ?? '');
    for (const basePath of this.#basePaths) {
      if (!target.startsWith(basePath)) continue;
      if (response.destroyed) return true;
      this.#underWay.begin();
      response.on('close', this.#onClosed);
      if (this.#isStopping) response.shouldKeepAlive = false;
      void this.#answer(request, response, target.slice(basePath.length));
      return true;
    }
    return false;
  }

  readonly #onClosed = (): void => this.#underWay.end();

  async #answer(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const audience = request.headers[HGCACHE_HEADER] === undefined ? this.#options.dialect : 'hgcache';
    try {
      await this.#route(request, response, path, audience);
    } catch (error) {
      if (this.#isStopping && !response.headersSent) response.shouldKeepAlive = false;
      answerError(response, audience, error);
    }
  }

  async #route(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    audience: Audience,
  ): Promise<void> {
    refuseBrowser(request);
    const handler = this.#openHandler();
    const slash = path.indexOf('/');
    // How a node finds out whether a peer is an HgCache node; to the Go family this path is a bad one.
    if (path === '' && audience === 'hgcache') return answerDone(response);
    if (slash <= 0) throw new RefusedRequest('bad_request', 'the path is not {base}{group}/{key}');
    const spaceAsPlus = audience === 'groupcache';
    const group = decodePathSegment(path.slice(0, slash), spaceAsPlus);
    const segment = path.slice(slash + 1);

    switch (request.method) {
      case 'GET':
      case 'HEAD': {
        const key = decodePathSegment(segment, spaceAsPlus);
        const found = await handler.get(group, key, this.#signalOf(request.socket));
        if (this.#isStopping) response.shouldKeepAlive = false;
        if (found === undefined) throw new RefusedRequest('not_found', 'not found');
        return answerValue(response, found);
      }
      case 'PUT': {
        const { key, value, expiresAtMs } = decodeSetRequest(await this.#bodyOf(request));
        const endsAtMs = expiryFrom(request.headers, expiresAtMs, systemClock.now());
        await handler.set(group, keyFromBytes(key), value, endsAtMs);
        break;
      }
      case 'DELETE':
        await handler.remove(group, [decodePathSegment(segment, spaceAsPlus)]);
        break;
      case 'POST':
        return await this.#post(request, response, handler, group, segment, audience);
      default:
        throw new RefusedRequest('method_not_allowed', `no peer asks with ${request.method}`);
    }
    answerDone(response);
  }

  async #post(
    request: IncomingMessage,
    response: ServerResponse,
    handler: PeerHandler,
    group: string,
    action: string,
    audience: Audience,
  ): Promise<void> {
    if (action === REMOVE_KEYS) {
      const body = await this.#bodyOf(request);
      const isOurs = request.headers['content-type'] === BATCH_TYPE;
      await handler.remove(group, isOurs ? decodeKeys(body) : decodeJsonKeys(body));
      answerDone(response);
    } else if (action === GET_KEYS && audience === 'hgcache') {
      const keys = decodeKeys(await this.#bodyOf(request));
      const outcomes = await handler.getMany(group, keys, this.#signalOf(request.socket));
      const body = encodeOutcomes(outcomes, this.#options.maxBodyBytes, systemClock.now());
      answerDone(response, BATCH_TYPE, body);
    } else if (action === CLEAR && audience === 'hgcache') {
      await handler.clear(group);
      answerDone(response);
    } else {
      throw new RefusedRequest('method_not_allowed', 'a key is not asked for with POST');
    }
  }

  #openHandler(): PeerHandler {
    if (this.#isStopping) throw new StoppedError();
    if (this.#handler === undefined) throw new HgCacheError('stopped', 'this node has not been started');
    return this.#handler;
  }

  async #bodyOf(request: IncomingMessage): Promise<Buffer> {
    const { maxBodyBytes } = this.#options;
    const body = await readBody(request, maxBodyBytes);
    if (body !== undefined) return body;
    throw new RefusedRequest('too_large', `a body has at most ${maxBodyBytes} bytes`);
  }

  #signalOf(socket: Socket): AbortSignal {
    let gone = this.#gone.get(socket);
    if (gone === undefined) {
      const controller = new AbortController();
      socket.once('close', () => controller.abort());
      this.#gone.set(socket, controller);
      gone = controller;
    }
    return gone.signal;
  }
}

/**
 * A page on the web can make the browser of somebody inside the network send a POST here, unasked. Browsers say where
 * such a request comes from, and peers never do.
 */
function refuseBrowser({ headers }: IncomingMessage): void {
  if (headers.origin === undefined && headers['sec-fetch-site'] === undefined) return;
  throw new RefusedRequest('forbidden', 'peers alone may ask here, and not a browser');
}

/** The path and query of a request target, which may be a whole URL (RFC 9112, section 3.2.2), without the query. */
function originForm(target: string): string {
  const start = target.startsWith('/') ? 0 : target.indexOf('/', target.indexOf('://') + 3);
  const end = target.indexOf('?');
  if (start <= 0 && end < 0) return target;
  return target.slice(Math.max(0, start), end < 0 ? undefined : end);
}
