// The table of all settings: what flags, environment variables, --help and the documentation are made from.

/** How the text of a flag or of a variable is read. */
export type SettingKind = 'text' | 'number' | 'boolean' | 'list';

/** One key of the configuration. */
export interface Setting {
  /** The key, e.g. `http.port`; `groups[].name` is the name of any group. */
  readonly path: string;
  /** The default, as it would stand in a file; empty where there is none. */
  readonly default: string;
  /** What it is for: one line. */
  readonly help: string;
  /** How its flag and its variable are read; absent where only the file can say it. */
  readonly kind?: SettingKind;
  /** The flag, where it is not the path. */
  readonly flag?: string;
}

/** What stands in one heading of --help. */
export interface SettingSection {
  readonly title: string;
  readonly settings: readonly Setting[];
}

export const SETTING_SECTIONS: readonly SettingSection[] = [
  {
    title: 'Application',
    settings: [
      { path: 'app.name', kind: 'text', default: 'hgcache', help: 'the name of the service' },
      { path: 'app.is_start_http', kind: 'boolean', default: 'false', help: 'serve the HTTP gateway' },
    ],
  },
  {
    title: 'HTTP gateway',
    settings: [
      { path: 'http.host', kind: 'text', default: '0.0.0.0', help: 'the address that it listens on' },
      { path: 'http.port', kind: 'number', default: '8091', help: 'its port; 0 for any free one' },
      {
        path: 'http.token',
        kind: 'text',
        default: '',
        help: 'the bearer token of writes; without one only loopback may write',
      },
      {
        path: 'http.cors.origins',
        kind: 'list',
        default: '[]',
        help: 'origins whose pages may call it, or "*" for all',
      },
      {
        path: 'http.cors.credentials',
        kind: 'boolean',
        default: 'false',
        help: 'let those pages send cookies; not together with "*"',
      },
    ],
  },
  {
    title: 'Peers',
    settings: [
      {
        path: 'peers.self',
        kind: 'text',
        default: '',
        help: 'the id of this node, e.g. http://10.0.0.1:8001',
      },
      {
        path: 'peers.listen',
        kind: 'text',
        default: '',
        help: 'the host:port where it listens for peers; that of peers.self by default',
      },
      { path: 'peers.members', kind: 'list', default: '', help: 'the ids of all nodes, this one among them' },
      {
        path: 'peers.placement',
        kind: 'text',
        default: 'balanced',
        help: 'who owns which key: balanced, groupcache, hgcache, groupcache-go',
      },
      {
        path: 'peers.dialect',
        kind: 'text',
        default: 'groupcache',
        help: 'how peers talk that are not HgCache: groupcache or groupcache-go',
      },
      {
        path: 'discovery',
        default: 'static',
        help: 'how nodes find each other: static, the list of peers.members',
      },
    ],
  },
  {
    title: 'Log',
    settings: [
      {
        path: 'log.level',
        kind: 'text',
        default: 'info',
        help: 'trace, debug (a line per request), info, warn, error, fatal or silent',
      },
      {
        path: 'log.format',
        kind: 'text',
        default: '',
        help: 'console or json; console on a terminal and json elsewhere by default',
      },
    ],
  },
  {
    title: 'gRPC (checked, but not served by this version)',
    settings: [
      { path: 'grpc.host', kind: 'text', default: '0.0.0.0', help: 'the address to listen on' },
      { path: 'grpc.port', kind: 'number', default: '9091', help: 'the port to listen on' },
    ],
  },
  {
    title: 'etcd (checked, but not used by this version)',
    settings: [
      { path: 'etcd.endpoints', kind: 'list', default: '["127.0.0.1:2379"]', help: 'where etcd is reached' },
      {
        path: 'etcd.leaseTTL',
        kind: 'number',
        flag: 'lease.ttl',
        default: '5',
        help: 'the lease of the registration, in seconds or as a duration',
      },
    ],
  },
  {
    title: 'Groups',
    settings: [
      { path: 'groups[].name', default: '', help: 'the name of the group' },
      { path: 'groups[].maxBytes', default: '', help: 'the memory of the group on this node, e.g. 64MiB' },
      {
        path: 'groups[].ttl',
        default: '',
        help: 'how long a value is served, e.g. 1m30s; for good without it',
      },
      {
        path: 'groups[].hotTtl',
        default: '10s',
        help: 'how long a node keeps a value that another node owns; never longer than ttl',
      },
      {
        path: 'groups[].eviction',
        default: 'lru',
        help: 'what goes when the memory is full: lru, fifo, lfu, sieve, s3-fifo or w-tinylfu',
      },
      { path: 'groups[].maxValueBytes', default: '8MiB', help: 'a larger value is answered and not kept' },
      { path: 'groups[].loadTimeout', default: '10s', help: 'how long the source may take for one key' },
      {
        path: 'groups[].peerTimeout',
        default: '',
        help: 'how long a peer may take to answer; a second more than loadTimeout by default',
      },
      { path: 'groups[].maxConcurrentLoads', default: '128', help: 'how many keys are loaded at a time' },
      { path: 'groups[].maxQueuedLoads', default: '16384', help: 'how many more may wait for their turn' },
      { path: 'groups[].source', default: '', help: 'the source of this group; `source` by default' },
    ],
  },
  {
    title: 'Source (of groups[].source and of source, which groups without their own share)',
    settings: [
      { path: 'source.type', default: '', help: 'sqlite, http, module or static' },
      { path: 'source.file', default: '', help: 'sqlite: the database; it is opened read-only' },
      {
        path: 'source.query',
        default: '',
        help: 'sqlite: a SELECT with one ?, the key; its first column is the value',
      },
      { path: 'source.url', default: '', help: 'http: the URL, with {key} where the key is to stand' },
      { path: 'source.timeout', default: '5s', help: 'http: how long an answer may take' },
      { path: 'source.headers', default: '{}', help: 'http: more request headers' },
      { path: 'source.path', default: '', help: 'module: a file that exports the function load' },
      { path: 'source.values', default: '', help: 'static: a map of keys and values' },
    ],
  },
];

/** The settings that a flag or a variable can give. */
export const FLAG_SETTINGS: readonly (Setting & { readonly kind: SettingKind })[] = SETTING_SECTIONS.flatMap(
  ({ settings }) => settings.flatMap((setting) => (setting.kind ? [{ ...setting, kind: setting.kind }] : [])),
);

/** The flag of a setting, without the dashes. */
export function flagOf(setting: Setting): string {
  return setting.flag ?? setting.path;
}

/** The environment variable of a setting. */
export function variableOf(setting: Setting): string {
  return `HGCACHE_${setting.path.toUpperCase().replaceAll('.', '_')}`;
}

/** The environment variable that names the configuration file. */
export const CONFIG_VARIABLE = 'HGCACHE_CONFIG';

/**
 * What the text of a flag or a variable stands for. Text that is no number or no boolean is kept as it is, so that
 * the schema says what is wrong with it.
 */
export function readSetting(kind: SettingKind, text: string): unknown {
  switch (kind) {
    case 'text':
      return text;
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'list':
      return text.split(',').flatMap((item) => item.trim() || []);
  }
}
