// The routes about the node itself: GET /v1/cluster, /healthz and /readyz.

import type { FastifyInstance } from 'fastify';
import type { GatewayContext } from './gateway-context.ts';
import { GatewayError } from './gateway-error.ts';
import { parseQuery, rejectUnknownParameters } from './request-target.ts';
import { addResource } from './resource.ts';

/** Adds the routes. */
export function addNodeRoutes(app: FastifyInstance, context: GatewayContext): void {
  const { cache, groups, placement, isReady } = context;

  addResource(app, '/v1/cluster', {
    GET: {
      handler: async ({ originalUrl }) => {
        rejectUnknownParameters(parseQuery(originalUrl), []);
        return {
          self: cache.self.id,
          placement,
          members: cache.members.map(({ id, weight = 1 }) => ({ id, weight, isSelf: id === cache.self.id })),
          groups: [...groups.values()].map((group) => ({ name: group.name, stats: group.stats() })),
        };
      },
    },
  });

  // Whether the process answers at all; one that does not is started anew.
  addResource(app, '/healthz', {
    GET: {
      handler: async ({ originalUrl }) => {
        rejectUnknownParameters(parseQuery(originalUrl), []);
        return { status: 'ok' };
      },
    },
  });

  // Whether clients should be sent here.
  addResource(app, '/readyz', {
    GET: {
      handler: async ({ originalUrl }) => {
        rejectUnknownParameters(parseQuery(originalUrl), []);
        if (!isReady()) throw new GatewayError('notReady', 'the node is starting or stopping');
        return { status: 'ready' };
      },
    },
  });
}
