// The routes that take the key from the query: GET /api and GET /cache/api, as the Go project HgCache has them.

import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ByteView } from 'hgcache';
import { type GatewayContext, readValue } from './gateway-context.ts';
import { GatewayError } from './gateway-error.ts';
import { parseQuery } from './request-target.ts';
import { addResource } from './resource.ts';

/** Adds the routes. Parameters that they do not know are ignored, as clients of old may send them. */
export function addQueryRoutes(app: FastifyInstance, context: GatewayContext): void {
  const read = async ({ originalUrl }: FastifyRequest, reply: FastifyReply): Promise<ByteView> => {
    const query = parseQuery(originalUrl);
    const key = query.get('key');
    if (key === undefined)
      throw new GatewayError('validation', 'the parameter key is missing, e.g. ?key=Tom');
    return readValue(context, reply, query.get('group') ?? context.defaultGroup, key);
  };

  addResource(app, '/api', {
    GET: {
      handler: async (request, reply) => {
        const value = await read(request, reply);
        return reply.type('application/octet-stream').send(value.toBuffer());
      },
    },
  });

  addResource(app, '/cache/api', {
    GET: {
      handler: async (request, reply) => {
        const bytes = (await read(request, reply)).toBuffer();
        if (!isUtf8(bytes)) {
          throw new GatewayError(
            'decoding',
            'the value is not UTF-8 text; GET /v1/groups/{group}/keys/{key} has its bytes',
          );
        }
        return reply.send({ data: bytes.toString() });
      },
    },
  });
}
