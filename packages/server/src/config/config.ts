// Config: the complete configuration of a server, after flags, environment and file were merged and checked.

/** Everything that `startServer` needs to know. Sizes are in bytes, durations in ms. */
export interface Config {
  readonly app: AppConfig;
  /** The HTTP gateway for clients; it runs when `app.isStartHttp` is set. */
  readonly http: HttpConfig;
  readonly log: LogConfig;
  /** Absent: a single node without peers. */
  readonly peers?: PeersConfig;
  /** At least one; the first is the one that clients mean when they name none. */
  readonly groups: readonly GroupConfig[];
  /** What relative paths in sources are relative to: the folder of the configuration file. */
  readonly baseDir: string;
}

export interface AppConfig {
  readonly name: string;
  readonly isStartHttp: boolean;
}

export interface HttpConfig {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** The bearer token that writes need; without one they are refused from any address but loopback. */
  readonly token?: string;
  readonly cors: CorsConfig;
}

export interface CorsConfig {
  /** The origins that a browser may call from; `*` stands for all, and then `credentials` is false. */
  readonly origins: readonly string[];
  readonly credentials: boolean;
}

/** The levels of pino, from the most to the least talkative. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const LOG_FORMATS = ['console', 'json'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

export interface LogConfig {
  readonly level: LogLevel;
  /** Absent: console on a terminal, json elsewhere. */
  readonly format?: LogFormat;
}

export const PLACEMENTS = ['balanced', 'groupcache', 'hgcache', 'groupcache-go'] as const;
export type PlacementName = (typeof PLACEMENTS)[number];

export const DIALECTS = ['groupcache', 'groupcache-go'] as const;
export type PeerDialect = (typeof DIALECTS)[number];

export interface PeersConfig {
  /** This node's id, exactly as it stands in `members`. */
  readonly self: string;
  readonly listen: HostAndPort;
  readonly members: readonly string[];
  readonly placement: PlacementName;
  /** How peers talk that are not HgCache. */
  readonly dialect: PeerDialect;
}

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

export const EVICTIONS = ['lru', 'fifo', 'lfu', 'sieve', 's3-fifo', 'w-tinylfu'] as const;
export type EvictionName = (typeof EVICTIONS)[number];

/** One group; what is absent has the library's default. */
export interface GroupConfig {
  readonly name: string;
  readonly maxBytes: number;
  readonly ttlMs?: number;
  /** How long a node keeps a value that another node owns. */
  readonly hotTtlMs: number;
  readonly eviction: EvictionName;
  readonly maxValueBytes: number;
  readonly loadTimeoutMs: number;
  /** How long a peer may take to answer. */
  readonly peerTimeoutMs: number;
  readonly maxConcurrentLoads: number;
  readonly maxQueuedLoads: number;
  /** Its own, or the one that groups without their own share: then it is the same object in all of them. */
  readonly source: SourceConfig;
}

export type SourceConfig = SqliteSourceConfig | HttpSourceConfig | ModuleSourceConfig | StaticSourceConfig;

/** Rows of an SQLite database that is opened read-only. */
export interface SqliteSourceConfig {
  readonly type: 'sqlite';
  readonly file: string;
  /** One statement with one parameter, the key; the first column of the first row is the value. */
  readonly query: string;
}

/** What a web server answers. */
export interface HttpSourceConfig {
  readonly type: 'http';
  /** Where `{key}` stands, the key is put in, percent-encoded. */
  readonly url: string;
  readonly timeoutMs: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** A JavaScript or TypeScript file that exports `load`. */
export interface ModuleSourceConfig {
  readonly type: 'module';
  readonly path: string;
}

/** A fixed map, for trials. */
export interface StaticSourceConfig {
  readonly type: 'static';
  readonly values: Readonly<Record<string, string>>;
}
