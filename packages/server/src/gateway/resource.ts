// Resources: a path with the methods that it has, where every other method is answered with 405.

import { METHODS } from 'node:http';
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

/** Makes an app know every method that can arrive, so that a path that exists is 405 for it and not 404. */
export function addMethods(app: FastifyInstance): void {
  for (const method of METHODS) {
    // CONNECT has no path, and never comes this far.
    if (method !== 'CONNECT' && !app.supportedMethods.includes(method)) app.addHttpMethod(method);
  }
}

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
