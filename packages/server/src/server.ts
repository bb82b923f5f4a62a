// startServer: builds sources, node, groups and gateway from a configuration, and stops them in order.

import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import {
  type ByteView,
  bytesCodec,
  createBalancedPlacement,
  createFifo,
  createHttpTransport,
  createLfu,
  createLru,
  createRingPlacement,
  createS3Fifo,
  createSieve,
  createStaticDiscovery,
  createWTinyLfu,
  type EvictionPolicyFactory,
  type Group,
  HgCache,
  HgCacheError,
  type HgCacheOptions,
  type Placement,
} from 'hgcache';
import type { Logger } from 'pino';
import { urlOf } from './config/address.ts';
import type {
  Config,
  EvictionName,
  GroupConfig,
  HttpConfig,
  PeersConfig,
  PlacementName,
} from './config/config.ts';
import { createGateway } from './gateway/gateway.ts';
import { createLogHooks } from './log-hooks.ts';
import { type OpenSources, openSources } from './open-sources.ts';
import { sourceLoader } from './source-loader.ts';
import { findTinyGroups } from './tiny-groups.ts';

/** A server that listens. */
export interface RunningServer {
  readonly cache: HgCache;
  /** The URL that the HTTP gateway listens at, if it runs. */
  readonly gatewayAddress?: string;
  /** Finishes what is under way, leaves the cluster, and closes everything; a second call waits for the first. */
  stop(): Promise<void>;
}

// Gateway and node together stay below the 30 s that a stop may take.
const GATEWAY_STOP_MS = 15_000;
const IDLE_SWEEP_MS = 20;
const NODE_STOP_MS = 10_000;

const EVICTIONS: Readonly<Record<EvictionName, EvictionPolicyFactory>> = {
  lru: createLru,
  fifo: createFifo,
  lfu: createLfu,
  sieve: createSieve,
  's3-fifo': createS3Fifo,
  'w-tinylfu': createWTinyLfu,
};

const LISTEN_REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use',
  EACCES: 'this user may not use the port',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'there is no such host',
};

/**
 * Starts a server; resolves when it listens and has announced itself to its peers. Rejects with `ConfigProblems`
 * when a source cannot be opened, and with `listen_failed` when an address cannot be had; nothing is left behind.
 */
export async function startServer(config: Config, log: Logger): Promise<RunningServer> {
  const sources = await openSources(config);
  let stopped: Promise<void> | undefined;
  let cache: HgCache | undefined;
  let gateway: FastifyInstance | undefined;
  let isReady = false;

  async function stop(): Promise<void> {
    isReady = false;
    // From the outside to the inside: clients first, then peers, then what answers both.
    const failures = [
      await failureOf(gateway && closeGateway(gateway)),
      await failureOf(cache?.stop()),
      await failureOf(sources.close()),
    ].flat();
    if (failures.length > 0) throw new AggregateError(failures, 'the server did not stop cleanly');
  }

  try {
    cache = new HgCache({ ...peerOptions(config), hooks: createLogHooks(log), stopTimeoutMs: NODE_STOP_MS });
    const groups = defineGroups(cache, config.groups, sources);
    for (const name of await findTinyGroups(config.groups)) {
      log.warn(
        { group: name },
        'the maxBytes of this group is too small for any entry: it will cache nothing',
      );
    }
    let gatewayAddress: string | undefined;
    if (config.app.isStartHttp) {
      const { cors, token } = config.http;
      gateway = createGateway({
        cache,
        groups,
        defaultGroup: (config.groups[0] as GroupConfig).name,
        placement: config.peers?.placement ?? 'balanced',
        token,
        cors,
        log,
        isReady: () => isReady,
      });
      gatewayAddress = await listen(gateway, config.http);
    }
    await cache.start();
    isReady = true;
    if (config.peers) logListening(config.peers, log);
    return {
      cache,
      ...(gatewayAddress !== undefined && { gatewayAddress }),
      stop: () => {
        stopped ??= stop();
        return stopped;
      },
    };
  } catch (error) {
    // What failed first is what has to be told, not what failed in its wake.
    await failureOf(stop());
    throw error;
  }
}

function logListening({ self, listen: address }: PeersConfig, log: Logger): void {
  const url = urlOf(address);
  log.info(url === self ? {} : { listen: url }, `hgcache node listening at ${self}`);
}

function peerOptions({ peers }: Config): HgCacheOptions {
  if (!peers) return {};
  const { self, members, listen, dialect, placement } = peers;
  return {
    self,
    transport: createHttpTransport({ listen, dialect }),
    discovery: createStaticDiscovery(members),
    placement: createPlacement(placement),
  };
}

function createPlacement(name: PlacementName): Placement {
  return name === 'balanced' ? createBalancedPlacement() : createRingPlacement(name);
}

function defineGroups(
  cache: HgCache,
  configs: readonly GroupConfig[],
  sources: OpenSources,
): ReadonlyMap<string, Group<ByteView>> {
  return new Map(
    configs.map((config) => {
      const { name, source: _, eviction, ...options } = config;
      const source = sources.of(config);
      const group = cache.group(name, {
        ...options,
        codec: bytesCodec,
        eviction: EVICTIONS[eviction],
        load: sourceLoader(source),
      });
      return [name, group];
    }),
  );
}

async function listen(gateway: FastifyInstance, { host, port }: HttpConfig): Promise<string> {
  try {
    await gateway.listen({ host, port, listenTextResolver: (address) => `gateway listening at ${address}` });
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    const where = urlOf({ host, port }).slice('http://'.length);
    const reason = LISTEN_REASONS[code] ?? message;
    throw new HgCacheError('listen_failed', `cannot listen on ${where} (http.host, http.port): ${reason}`, {
      cause: error,
    });
  }
  const { address, port: boundPort } = gateway.server.address() as AddressInfo;
  return urlOf({ host: address, port: boundPort });
}

/** Answers what is under way, for as long as a stop may take, and then drops the connections that are left. */
async function closeGateway(gateway: FastifyInstance): Promise<void> {
  // A close ends the connections that are idle then; those that become idle later would stay open for a minute.
  const sweep = setInterval(() => gateway.server.closeIdleConnections(), IDLE_SWEEP_MS);
  const deadline = setTimeout(() => gateway.server.closeAllConnections(), GATEWAY_STOP_MS);
  try {
    await gateway.close();
  } finally {
    clearInterval(sweep);
    clearTimeout(deadline);
  }
}

/** The error that a promise rejects with, as a list of one; none when it resolves. */
async function failureOf(promise: Promise<unknown> | undefined): Promise<unknown[]> {
  try {
    await promise;
    return [];
  } catch (error) {
    return [error];
  }
}
