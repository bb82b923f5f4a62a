// Resources: a path with the methods that it has, where every other method is answered with 405.

import type { FastifyInstance, onRequestHookHandler, RouteHandlerMethod } from 'fastify';
import { GatewayError } from './gateway-error.ts';

/** How one method of a resource is answered. */
export interface ResourceMethod {
  readonly handler: RouteHandlerMethod;
  /** Runs before the body is read. */
  readonly onRequest?: onRequestHookHandler;
  /** The largest body, in bytes; Fastify's 1 MiB by default. */
  readonly bodyLimit?: number;
}

/** The methods of a resource; HEAD comes with GET. */
export type ResourceMethods = Partial<Record<'GET' | 'PUT' | 'POST' | 'DELETE', ResourceMethod>>;

/** Adds a resource. */
export function addResource(app: FastifyInstance, url: string, methods: ResourceMethods): void {
  const allowed = Object.keys(methods);
  if (methods.GET !== undefined) allowed.push('HEAD');
  for (const [method, route] of Object.entries(methods)) app.route({ method, url, ...route });
  const allow = allowed.join(', ');
  app.route({
    method: app.supportedMethods.filter((method) => !allowed.includes(method)),
    url,
    // Before the body is read: it does not matter here whether it could be.
    onRequest: async ({ method }) => {
      throw new GatewayError('methodNotAllowed', `${method} is not allowed here; allowed: ${allow}`, {
        allow,
      });
    },
    handler: async () => undefined,
  });
}
