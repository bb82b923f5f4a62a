// The options of the HTTP peer transport, and the one function that validates and completes them.

import { inspect } from 'node:util';
import { ConfigError } from '../../errors.ts';
import { integerOption, rejectUnknownOptions } from '../../options.ts';

/**
 * How peers that are not HgCache nodes talk: like golang/groupcache, or like mailgun/groupcache 2 and
 * groupcache/groupcache-go 3. HgCache nodes recognise each other, whatever this says.
 */
export type Dialect = 'groupcache' | 'groupcache-go';

/** Where to listen. */
export interface ListenOptions {
  /** A name or an address of this machine; by default the host of the node's own address. */
  readonly host?: string | undefined;
  /** Not 0: nobody would learn of a port that the system picks. */
  readonly port: number;
}

/** How the HTTP transport listens and asks. */
export interface HttpTransportOptions {
  /** By default host and port of the node's own address; `false` when an application passes requests to `handle`. */
  readonly listen?: ListenOptions | false | undefined;
  /** What every path begins with; `/_groupcache/` by default. Requests under `/_hgcache/` are answered as well. */
  readonly basePath?: string | undefined;
  /** `groupcache` by default. */
  readonly dialect?: Dialect | undefined;
  /**
   * Connections to one peer for gets, and so the gets that are under way there at a time; 256 by default. Changes have
   * a few connections of their own.
   */
  readonly maxConnectionsPerPeer?: number | undefined;
  /** How long a connection may take to come about, in ms; 1,000 by default. */
  readonly connectTimeoutMs?: number | undefined;
  /** The largest body that is read, of a request or of an answer, in bytes; 64 MiB by default. */
  readonly maxBodyBytes?: number | undefined;
}

/** Options that are complete. */
export interface CompleteHttpTransportOptions {
  readonly listen: ListenOptions | false | undefined;
  readonly basePath: string;
  readonly dialect: Dialect;
  readonly maxConnectionsPerPeer: number;
  readonly connectTimeoutMs: number;
  readonly maxBodyBytes: number;
}

const KNOWN: readonly string[] = [
  'listen',
  'basePath',
  'dialect',
  'maxConnectionsPerPeer',
  'connectTimeoutMs',
  'maxBodyBytes',
] satisfies (keyof HttpTransportOptions)[];
const DIALECTS: readonly Dialect[] = ['groupcache', 'groupcache-go'];
const BASE_PATH = /^\/(?:[A-Za-z0-9._~-]+\/)+$/;
const MAX_PORT = 65_535;
// The longest time that a timer of Node.js can wait.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Validates the options and fills in the defaults; throws {@link ConfigError}. */
export function completeHttpTransportOptions(options: HttpTransportOptions): CompleteHttpTransportOptions {
  rejectUnknownOptions('createHttpTransport', options, KNOWN);
  const { listen, basePath = '/_groupcache/', dialect = 'groupcache' } = options;
  if (listen !== undefined && listen !== false) validateListen(listen);
  if (typeof basePath !== 'string' || !BASE_PATH.test(basePath)) {
    throw new ConfigError(`basePath must be a path like /_groupcache/, not ${inspect(basePath)}`);
  }
  if (!DIALECTS.includes(dialect)) {
    throw new ConfigError(`dialect must be ${DIALECTS.join(' or ')}, not ${inspect(dialect)}`);
  }
  return {
    listen,
    basePath,
    dialect,
    maxConnectionsPerPeer: integerOption('maxConnectionsPerPeer', options.maxConnectionsPerPeer, {
      default: 256,
      min: 1,
      max: 65_535,
    }),
    connectTimeoutMs: integerOption('connectTimeoutMs', options.connectTimeoutMs, {
      default: 1_000,
      min: 1,
      max: LONGEST_TIMER_MS,
    }),
    maxBodyBytes: integerOption('maxBodyBytes', options.maxBodyBytes, { default: 64 * 1024 * 1024, min: 1 }),
  };
}

function validateListen(listen: ListenOptions): void {
  if (typeof listen !== 'object' || listen === null) {
    throw new ConfigError(`listen must be { host, port } or false, not ${inspect(listen)}`);
  }
  rejectUnknownOptions('createHttpTransport, listen', listen, ['host', 'port']);
  if (listen.host !== undefined && (typeof listen.host !== 'string' || listen.host === '')) {
    throw new ConfigError(`listen.host must be a name or an address, not ${inspect(listen.host)}`);
  }
  if (listen.port === undefined) throw new ConfigError('listen.port is missing');
  if (listen.port === 0) {
    throw new ConfigError(
      'listen.port must not be 0: the peers would not know which port the system has picked',
    );
  }
  integerOption('listen.port', listen.port, { default: 1, min: 1, max: MAX_PORT });
}
