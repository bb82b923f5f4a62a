// The routes of single keys: GET, PUT and DELETE /v1/groups/{group}/keys/{key}.

import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import { ByteView, InvalidValueError } from 'hgcache';
import { parseDuration } from '../config/duration.ts';
import { type GatewayContext, groupOf, readValue } from './gateway-context.ts';
import { GatewayError } from './gateway-error.ts';
import { parseKeyTarget, parseQuery, rejectUnknownParameters } from './request-target.ts';
import { addResource } from './resource.ts';

/** The largest value that a PUT may bring, in bytes; a group may allow less. */
export const MAX_PUT_BYTES: number = 8 * 1024 * 1024;

/** Adds the routes to a scope of their own, as here a body is bytes whatever type it claims to have. */
export function addKeyRoutes(app: FastifyInstance, context: GatewayContext): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body));

  const beforeWrite: onRequestHookHandler = async ({ headers, socket, raw }) => {
    const { httpVersion } = raw;
    context.assertMayWrite({ headers, remoteAddress: socket.remoteAddress, httpVersion });
    // Fastify refuses a type that it cannot read, such as `text`, before it looks for a parser.
    headers['content-type'] = 'application/octet-stream';
  };

  addResource(app, '/v1/groups/:group/keys/*', {
    GET: {
      handler: async ({ originalUrl }, reply) => {
        const { group, key } = parseKeyTarget(originalUrl);
        rejectUnknownParameters(parseQuery(originalUrl), []);
        const value = await readValue(context, reply, group, key);
        return reply.type('application/octet-stream').send(value.toBuffer());
      },
    },
    PUT: {
      bodyLimit: MAX_PUT_BYTES,
      onRequest: beforeWrite,
      handler: async ({ originalUrl, body }, reply) => {
        const { group, key } = parseKeyTarget(originalUrl);
        const query = parseQuery(originalUrl);
        rejectUnknownParameters(query, ['ttl']);
        const ttlMs = parseTtl(query.get('ttl'));
        // A request without a body is a value of no bytes.
        const value = ByteView.from((body as Buffer | undefined) ?? '');
        try {
          await groupOf(context, group).set(key, value, ttlMs === undefined ? {} : { ttlMs });
        } catch (error) {
          // Bytes are always a value, so the one thing that can be wrong with them is their number.
          throw error instanceof InvalidValueError ? new GatewayError('bodyTooLarge', error.message) : error;
        }
        return reply.code(204).send();
      },
    },
    DELETE: {
      bodyLimit: MAX_PUT_BYTES,
      onRequest: beforeWrite,
      handler: async ({ originalUrl }, reply) => {
        const { group, key } = parseKeyTarget(originalUrl);
        rejectUnknownParameters(parseQuery(originalUrl), []);
        await groupOf(context, group).remove(key);
        return reply.code(204).send();
      },
    },
  });
}

function parseTtl(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  let ttlMs: number;
  try {
    ttlMs = parseDuration(text);
  } catch (error) {
    throw new GatewayError('validation', `ttl: ${(error as Error).message}`);
  }
  if (ttlMs === 0)
    throw new GatewayError('validation', 'ttl must be at least 1ms; leave it out for the ttl of the group');
  return ttlMs;
}
