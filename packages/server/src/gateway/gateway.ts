// The gateway: the HTTP interface of a node for clients in any language, on Fastify.

import cors from '@fastify/cors';
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify';
import { type ByteView, type Clock, ConfigError, type Group, type HgCache, systemClock } from 'hgcache';
import type { Logger } from 'pino';
import type { CorsConfig } from '../config/config.ts';
import { addBatchRoutes } from './batch-routes.ts';
import { addErrorHandling, answerClientError, createAnswerError } from './error-handling.ts';
import { FailureLog } from './failure-log.ts';
import type { GatewayContext } from './gateway-context.ts';
import { addKeyRoutes } from './key-routes.ts';
import { addNodeRoutes } from './node-routes.ts';
import { addQueryRoutes } from './query-routes.ts';
import { routedTarget } from './request-target.ts';
import { addMethods } from './resource.ts';
import { createWriteAccess } from './write-access.ts';

/** What a gateway needs. */
export interface GatewayOptions {
  readonly cache: HgCache;
  /** The groups that clients may use, of `bytesCodec`. */
  readonly groups: ReadonlyMap<string, Group<ByteView>>;
  /** The group that clients mean when they name none. */
  readonly defaultGroup: string;
  /** The name of the placement, for `/v1/cluster`. */
  readonly placement: string;
  /** The bearer token of writes; without one, they are for loopback addresses alone. */
  readonly token?: string | undefined;
  readonly cors: CorsConfig;
  readonly log: Logger;
  /** What `/readyz` says. */
  readonly isReady: () => boolean;
  /** The cache's clock; the machine's by default. */
  readonly clock?: Clock;
}

// The time to read a request, to write an answer, and between two requests on one connection.
const SOCKET_TIMEOUT_MS = 60_000;

const MAX_HEADER_BYTES = 1024 * 1024;

const PREFLIGHT_MAX_AGE_S = 12 * 60 * 60;

/**
 * Makes the gateway; `listen` starts it and `close` stops it. Throws `ConfigError` when the default group is not
 * among the groups, and when any origin may send credentials.
 */
export function createGateway(options: GatewayOptions): FastifyInstance {
  const { cors: corsOptions, token, log, clock = systemClock, ...rest } = options;
  if (!options.groups.has(options.defaultGroup)) {
    throw new ConfigError(
      `gateway: the default group ${JSON.stringify(options.defaultGroup)} is not among the groups`,
    );
  }
  if (corsOptions.credentials && corsOptions.origins.includes('*')) {
    throw new ConfigError(
      'http.cors: origins must be listed where credentials are allowed; "*" stands for anyone',
    );
  }
  const context: GatewayContext = {
    ...rest,
    assertMayWrite: createWriteAccess({ token, origins: corsOptions.origins }),
    failures: new FailureLog(clock),
    clock,
  };
  const answerError = createAnswerError(context.failures);

  const app = fastify({
    loggerInstance: log as FastifyBaseLogger,
    // The hook below says it in one line, at a level that is off in production.
    logController: new LogController({ disableRequestLogging: true }),
    http: { maxHeaderSize: MAX_HEADER_BYTES },
    requestTimeout: SOCKET_TIMEOUT_MS,
    connectionTimeout: SOCKET_TIMEOUT_MS,
    keepAliveTimeout: SOCKET_TIMEOUT_MS,
    // While it stops, what arrives on open connections is answered like before.
    return503OnClosing: false,
    // A name that is too long for a group is one that no group has.
    routerOptions: { maxParamLength: MAX_HEADER_BYTES },
    rewriteUrl: ({ url = '/' }) => routedTarget(url),
    frameworkErrors: answerError,
    clientErrorHandler: answerClientError,
  });
  addMethods(app);
  addErrorHandling(app, answerError);
  app.addHook('onRequest', async (_, reply) => {
    reply.header('x-content-type-options', 'nosniff');
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method, originalUrl: url } = request;
    const durationMs = Math.round(reply.elapsedTime * 10) / 10;
    request.log.debug({ method, url, status: reply.statusCode, durationMs }, 'request answered');
  });
  addCors(app, corsOptions);
  for (const addRoutes of [addQueryRoutes, addKeyRoutes, addBatchRoutes, addNodeRoutes]) {
    app.register(async (scope) => addRoutes(scope, context));
  }
  return app;
}

function addCors(app: FastifyInstance, { origins, credentials }: CorsConfig): void {
  if (origins.length === 0) return;
  app.register(cors, {
    origin: [...origins],
    credentials,
    methods: ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type'],
    exposedHeaders: ['Age', 'Cache-Status', 'Retry-After'],
    maxAge: PREFLIGHT_MAX_AGE_S,
    strictPreflight: false,
  });
}
