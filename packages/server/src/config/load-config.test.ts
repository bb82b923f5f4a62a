// Tests of the configuration as a whole: precedence, completeness, and every problem with its place.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseCommandLine } from './command-line.ts';
import type { Config, GroupConfig, StaticSourceConfig } from './config.ts';
import { ConfigProblems } from './config-problems.ts';
import { type LoadedConfig, loadConfig } from './load-config.ts';

const dir = mkdtempSync(join(tmpdir(), 'hgcache-config-'));
afterAll(() => rmSync(dir, { recursive: true }));

interface Given {
  readonly args?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
}

const SOURCE = 'source: { type: static, values: { Tom: "630" } }';
const GROUP = 'groups: [{ name: test, maxBytes: 2048 }]';
const SMALLEST = `app: { is_start_http: true }\n${SOURCE}\n${GROUP}\n`;

function load(yaml: string, { args = [], variables = {} }: Given = {}): LoadedConfig {
  writeFileSync(join(dir, 'cache.yaml'), yaml);
  const commandLine = parseCommandLine(['--config=cache.yaml', ...args]);
  return loadConfig({ commandLine, variables, workingDir: dir });
}

function problemsOf(act: () => unknown): string[] {
  try {
    act();
  } catch (error) {
    if (!(error instanceof ConfigProblems)) throw error;
    return error.problems.map(({ message, where }) => (where ? `${message} (${where})` : message));
  }
  return [];
}

/** The problems of the smallest configuration with more lines. */
const problemsWith = (yaml: string, given?: Given) => problemsOf(() => load(`${SMALLEST}${yaml}`, given));
/** The problems of a group with this beside name, size and source, without their places. */
const groupProblems = (fields: string) =>
  problemsOf(() =>
    load(`app: { is_start_http: true }\ngroups:\n  - { name: a, maxBytes: 1KiB, ${fields} }\n`),
  ).map((problem) => problem.replace(/ \(cache\.yaml:\d+\)$/, ''));
const sourceProblems = (source: string) =>
  groupProblems(`source: { ${source} }`).map((problem) => problem.replace('groups[0].source', 'source'));

describe('a correct configuration', () => {
  test('the smallest one gets every default', () => {
    expect(load(SMALLEST)).toEqual({
      config: {
        app: { name: 'hgcache', isStartHttp: true },
        http: { host: '0.0.0.0', port: 8091, cors: { origins: [], credentials: false } },
        log: { level: 'info' },
        groups: [
          {
            name: 'test',
            maxBytes: 2048,
            eviction: 'lru',
            maxValueBytes: 8_388_608,
            hotTtlMs: 10_000,
            loadTimeoutMs: 10_000,
            peerTimeoutMs: 11_000,
            maxConcurrentLoads: 128,
            maxQueuedLoads: 16_384,
            source: { type: 'static', values: { Tom: '630' } },
          },
        ],
        baseDir: dir,
      } satisfies Config,
      warnings: [],
    });
  });

  test('every key is taken over', () => {
    const { config } = load(`
app: { name: cache, is_start_http: true }
http: { host: "::1", port: 0, token: s3cret, cors: { origins: ["https://a.example"], credentials: true } }
log: { level: debug, format: json }
discovery: static
peers:
  self: http://127.0.0.1:8001
  listen: 0.0.0.0:9001
  members: ["http://127.0.0.1:8001", "http://[::1]:8002", "cache-3:8003"]
  placement: groupcache-go
  dialect: groupcache-go
source: { type: sqlite, file: ./a.db, query: "SELECT v FROM t WHERE k = ?" }
groups:
  - { name: a, maxBytes: 64MiB, ttl: 1m30s, eviction: fifo, maxValueBytes: 1MB, loadTimeout: 2s, hotTtl: 1s, peerTimeout: 3s }
  - { name: b, maxBytes: 1GiB, maxConcurrentLoads: 1, maxQueuedLoads: 0,
      source: { type: http, url: "https://o/{key}?k={key}", timeout: 500ms, headers: { Accept: text/plain } } }
  - { name: c, maxBytes: 1, source: { type: module, path: ./loader.js } }
`);
    const [a, b, c] = config.groups;
    expect(config).toMatchObject({
      app: { name: 'cache', isStartHttp: true },
      http: {
        host: '::1',
        port: 0,
        token: 's3cret',
        cors: { origins: ['https://a.example'], credentials: true },
      },
      log: { level: 'debug', format: 'json' },
    });
    expect(config.peers).toEqual({
      self: 'http://127.0.0.1:8001',
      listen: { host: '0.0.0.0', port: 9001 },
      members: ['http://127.0.0.1:8001', 'http://[::1]:8002', 'cache-3:8003'],
      placement: 'groupcache-go',
      dialect: 'groupcache-go',
    });
    expect(a).toMatchObject({
      maxBytes: 67_108_864,
      ttlMs: 90_000,
      eviction: 'fifo',
      maxValueBytes: 1_000_000,
      hotTtlMs: 1000,
      loadTimeoutMs: 2000,
      peerTimeoutMs: 3000,
      source: { type: 'sqlite', file: './a.db', query: 'SELECT v FROM t WHERE k = ?' },
    });
    expect(b).toMatchObject({ maxConcurrentLoads: 1, maxQueuedLoads: 0 });
    expect(b?.source).toEqual({
      type: 'http',
      url: 'https://o/{key}?k={key}',
      timeoutMs: 500,
      headers: { Accept: 'text/plain' },
    });
    expect(c?.source).toEqual({ type: 'module', path: './loader.js' });
  });

  test('keys that objects have of themselves are keys like others', () => {
    const yaml = SMALLEST.replace('Tom: "630"', '__proto__: "1", constructor: "2", toString: "3"');
    const { source } = load(yaml).config.groups[0] as GroupConfig;
    expect(Object.entries((source as StaticSourceConfig).values)).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
      ['toString', '3'],
    ]);
  });

  test('groups without a source of their own share one', () => {
    const { groups } = load(`app: { is_start_http: true }\n${SOURCE}
groups: [{ name: a, maxBytes: 1 }, { name: b, maxBytes: 1 }]`).config;
    expect(groups[0]?.source).toBe(groups[1]?.source);
  });

  test('peers listen where they are reached, unless told otherwise', () => {
    const peers = 'peers: { self: "http://[::1]:8001", members: ["http://[::1]:8001"] }';
    expect(load(`${SMALLEST}${peers}`).config.peers?.listen).toEqual({ host: '::1', port: 8001 });
  });

  test('a flag wins over a variable, a variable over the file, and the file over the default', () => {
    const yaml = `${SMALLEST}http: { port: 1 }\n`;
    const variables = { HGCACHE_HTTP_PORT: '2' };
    expect(load(SMALLEST).config.http.port).toBe(8091);
    expect(load(yaml).config.http.port).toBe(1);
    expect(load(yaml, { variables }).config.http.port).toBe(2);
    expect(load(yaml, { variables, args: ['--http.port=3'] }).config.http.port).toBe(3);
  });

  test('flags and variables reach every kind of setting', () => {
    const { config } = load(SMALLEST, {
      args: [
        '--peers.self=http://a:1',
        '--peers.members=http://a:1, http://b:1',
        '--app.is_start_http=false',
      ],
      variables: {
        HGCACHE_HTTP_TOKEN: 't',
        HGCACHE_HTTP_CORS_CREDENTIALS: 'true',
        HGCACHE_LOG_FORMAT: 'json',
      },
    });
    expect(config.peers?.members).toEqual(['http://a:1', 'http://b:1']);
    expect(config.app.isStartHttp).toBe(false);
    expect(config.http).toMatchObject({ token: 't', cors: { credentials: true } });
    expect(config.log.format).toBe('json');
  });

  test('a variable can name the file, and a flag another one', () => {
    writeFileSync(join(dir, 'a.yaml'), `${SMALLEST}http: { port: 1 }\n`);
    writeFileSync(join(dir, 'b.yaml'), `${SMALLEST}http: { port: 2 }\n`);
    const variables = { HGCACHE_CONFIG: 'a.yaml' };
    const portWith = (...args: string[]) =>
      loadConfig({ commandLine: parseCommandLine(args), variables, workingDir: dir }).config.http.port;
    expect(portWith()).toBe(1);
    expect(portWith('-c', 'b.yaml')).toBe(2);
  });

  test('an empty section and an empty variable are as good as none', () => {
    expect(load(`${SMALLEST}http:\nlog:\n  level:\n`, { variables: { HGCACHE_HTTP_PORT: '' } })).toEqual(
      load(SMALLEST),
    );
  });

  test('relative paths start at the folder of the file', () => {
    const commandLine = parseCommandLine([`--config=${join(dir, 'cache.yaml')}`]);
    expect(loadConfig({ commandLine, variables: {}, workingDir: '/' }).config.baseDir).toBe(dir);
  });

  test('what has no effect yet is warned of, when it is set', () => {
    const { warnings } = load(`${SMALLEST}grpc: { port: 1 }\n`, { args: ['--lease.ttl=30s'] });
    expect(warnings).toEqual([
      expect.stringContaining('does not serve gRPC'),
      expect.stringContaining('does not use etcd'),
    ]);
  });

  test("a slip in the name of a variable is warned of, and other people's variables are not", () => {
    const variables = { HGCACHE_HTTP_PROT: '1', HGCACHE_SERVICE_HOST: '10.0.0.1', OTHER: 'x' };
    expect(load(SMALLEST, { variables }).warnings).toEqual([
      'the environment variable HGCACHE_HTTP_PROT is not known; did you mean HGCACHE_HTTP_PORT?',
    ]);
  });
});

describe('a wrong value', () => {
  test('says where it came from', () => {
    const message = 'http.port: must be a number from 0 to 65535, not "abc"';
    expect(problemsWith('http:\n  port: abc\n')).toEqual([`${message} (cache.yaml:5)`]);
    expect(problemsWith('', { args: ['--http.port=abc'] })).toEqual([`${message} (--http.port)`]);
    const variables = { HGCACHE_HTTP_PORT: 'abc' };
    expect(problemsWith('http: { port: 1 }', { variables })).toEqual([`${message} (HGCACHE_HTTP_PORT)`]);
    expect(problemsWith('', { args: ['--peers.self=http://a:1', '--peers.members=http://b:1'] })).toEqual([
      'peers.members: must contain peers.self, "http://a:1", to the letter (--peers.members)',
    ]);
  });

  test.each([
    ['-1', false],
    ['0', true],
    ['65535', true],
    ['65536', false],
    ['1.5', false],
    ['1e999', false],
  ])('port %s is fine: %s', (port, isFine) => {
    expect(problemsWith(`http: { port: ${port} }`)).toHaveLength(isFine ? 0 : 1);
  });

  test.each([
    ['app: 5', 'app: must be a map of names and values, not 5 (cache.yaml:1)'],
    ['app: { is_start_http: no }', 'app.is_start_http: must be true or false, not "no" (cache.yaml:1)'],
    [
      'app: { name: "a b", is_start_http: true }',
      'app.name: must be 1 to 128 letters, digits, dots, underscores and dashes, not "a b" (cache.yaml:1)',
    ],
  ])('%s', (app, problem) => {
    expect(problemsOf(() => load(`${app}\n${SOURCE}\n${GROUP}\n`))).toEqual([problem]);
  });

  test.each([
    ['http: { host: "a b" }', 'http.host: must be a host name or an IP address, not "a b"'],
    ['http: { cors: { origins: "*" } }', 'http.cors.origins: must be a list, not "*"; write ["*"]'],
    [
      'http: { cors: { origins: ["https://a.example/"] } }',
      'http.cors.origins[0]: must be "*" or an origin, e.g. https://example.com, not "https://a.example/"',
    ],
    [
      'http: { cors: { origins: ["*"], credentials: true } }',
      'http.cors.credentials: must be false while cors.origins has "*": any site could act in the name of your users; list the origins',
    ],
    ['log: { level: debog }', 'log.level: "debog" is not a level; did you mean debug?'],
    ['log: { format: xml }', 'log.format: "xml" is not a format; one of console, json'],
    ['discovery: etcd', 'discovery: "etcd" is not a discovery; one of static'],
    ['etcd: { leaseTTL: 0 }', 'etcd.leaseTTL: must be a duration of 1s to 1h, not 0'],
    ['etcd: { leaseTTL: 5 parsecs }', 'etcd.leaseTTL: "5 parsecs" is not a duration, e.g. 1m30s or 500ms'],
    ['etcd: { endpoints: [] }', 'etcd.endpoints: must have at least 1, and has none'],
    ['grpc: { port: x }', 'grpc.port: must be a number from 0 to 65535, not "x"'],
    ['http: { prot: 1 }', 'http.prot: unknown key; did you mean port?'],
    ['htpt: { port: 1 }', 'htpt: unknown key; did you mean http?'],
    ['log: { __proto__: 1 }', 'log.__proto__: unknown key'],
    ['log: { colour: 1 }', 'log.colour: unknown key; known here: level, format'],
    ['peers: {}', 'peers.self: is missing', 'peers.members: is missing'],
    [
      'peers: { self: "http://a:1/", members: ["http://a:1/"] }',
      'peers.self: must be http://host:port, e.g. http://10.0.0.1:8001, not "http://a:1/"',
      'peers.members[0]: must be http://host:port, e.g. http://10.0.0.1:8001, not "http://a:1/"',
    ],
    [
      'peers: { self: "http://a:1", members: ["http://A:1"] }',
      'peers.members: must contain peers.self, "http://a:1", to the letter',
    ],
    [
      'peers: { self: "http://a:1", members: ["http://a:1", "http://b:1", "http://b:1"] }',
      'peers.members[2]: http://b:1 stands there twice',
    ],
    [
      'peers: { self: "http://a:1", members: ["http://a:1"], listen: "8001" }',
      'peers.listen: must be host:port, e.g. 127.0.0.1:8001, not "8001"',
    ],
    [
      'peers: { self: "http://a:8091", members: ["http://a:8091"] }',
      'http.port: 8091 is the port that peers use already (peers.listen, or the port of peers.self)',
    ],
  ])('%s', (yaml, ...problems) => {
    expect(problemsWith(yaml).map((problem) => problem.replace(/ \(cache\.yaml:\d+\)$/, ''))).toEqual(
      problems,
    );
  });

  test('what is secret in a URL is never shown', () => {
    const problems = problemsWith(
      'peers: { self: "http://u:s3cret@a:1/?t=s3cret", members: "http://s3cret@a" }',
    );
    expect(problems).toEqual([
      'peers.self: must be http://host:port, e.g. http://10.0.0.1:8001, not "http://…@a:1/?…" (cache.yaml:4)',
      'peers.members: must be a list, not "http://…@a"; write ["http://…@a"] (cache.yaml:4)',
    ]);
  });

  test('a token is never shown', () => {
    const secret = 'hunter 2';
    expect(problemsWith(`http: { token: "${secret}" }`).join()).not.toContain('hunter');
    expect(problemsWith('', { variables: { HGCACHE_HTTP_TOKEN: secret } }).join()).not.toContain('hunter');
    expect(problemsWith('http: { token: 5 }')).toEqual(['http.token: must be text (cache.yaml:4)']);
  });

  test('a server that nobody could reach is refused', () => {
    expect(problemsOf(() => load(`${SOURCE}\n${GROUP}\n`))).toEqual([
      expect.stringContaining('app.is_start_http: is false and there are no peers'),
    ]);
  });
});

describe('a wrong group', () => {
  const source = 'source: { type: static, values: {} }';
  test.each([
    ['maxBytes: 12 parsecs', '"12 parsecs" is not a size, e.g. 64MiB'],
    ['maxBytes: 0', 'must be a size of 1 to 16GiB, not 0'],
    ['maxBytes: 1.5', 'must be a size of 1 to 16GiB, not 1.5'],
    ['maxBytes: 17GiB', 'must be a size of 1 to 16GiB, not "17GiB"'],
    ['maxBytes: [1]', 'must be a size, e.g. 64MiB, not a list'],
    ['maxBytes: true', 'must be a size, e.g. 64MiB, not true'],
    ['', 'is missing'],
  ])('%j is no size', (maxBytes, message) => {
    const yaml = `app: { is_start_http: true }\ngroups:\n  - name: a\n    ${source}\n    ${maxBytes}\n`;
    expect(problemsOf(() => load(yaml))[0]).toContain(`groups[0].maxBytes: ${message} (cache.yaml:`);
  });

  test.each([
    ['ttl: 30', 'groups[0].ttl: must be a duration with a unit, e.g. 1m30s or 500ms, not 30'],
    ['ttl: 0s', 'groups[0].ttl: must be a duration of at least 1ms, not "0s"'],
    ['ttl: 1ms'],
    ['ttl: -5s', 'groups[0].ttl: "-5s" is not a duration, e.g. 1m30s or 500ms'],
    [
      'eviction: random',
      'groups[0].eviction: "random" is not an eviction policy; one of lru, fifo, lfu, sieve, s3-fifo, w-tinylfu',
    ],
    ['maxValueBytes: 1GiB'],
    ['maxValueBytes: 2GiB', 'groups[0].maxValueBytes: must be a size of 1 to 1GiB, not "2GiB"'],
    ['loadTimeout: 24h'],
    ['loadTimeout: 24h1ms', 'groups[0].loadTimeout: must be a duration of 1ms to 24h, not "24h1ms"'],
    ['hotTtl: 0s', 'groups[0].hotTtl: must be a duration of at least 1ms, not "0s"'],
    ['peerTimeout: 24h1s'],
    ['peerTimeout: 25h', 'groups[0].peerTimeout: must be a duration of 1ms to 24h1s, not "25h"'],
    ['maxConcurrentLoads: 0', 'groups[0].maxConcurrentLoads: must be a number from 1 to 1000000, not 0'],
    ['maxQueuedLoads: -1', 'groups[0].maxQueuedLoads: must be a number from 0 to 10000000, not -1'],
    ['maxByte: 1', 'groups[0].maxByte: unknown key; did you mean maxBytes?'],
  ])('%s', (fields, ...problems) => {
    expect(groupProblems(`${source}, ${fields}`)).toEqual(problems);
  });

  test('needs a source, its own or a shared one', () => {
    expect(groupProblems('eviction: lru')).toEqual([
      'groups[0].source: is missing; give the group a source, or all groups one at the top level',
    ]);
  });

  test('may not have the name of another', () => {
    const yaml = `app: { is_start_http: true }\n${SOURCE}\ngroups:\n  - { name: a, maxBytes: 1 }\n  - { name: a, maxBytes: 1 }\n`;
    expect(problemsOf(() => load(yaml))).toEqual([
      'groups[1].name: "a" is the name of another group already (cache.yaml:5)',
    ]);
  });

  test('may not have the name of another, whatever else is wrong', () => {
    const yaml = `app: { is_start_http: true }\n${SOURCE}
groups: [{ name: a, maxBytes: x }, { name: a, maxBytes: 1 }, 5, { name: "?", maxBytes: 1 }, { name: a, maxBytes: 1 }]`;
    expect(problemsOf(() => load(yaml)).map((problem) => problem.split(':')[0])).toEqual([
      'groups[0].maxBytes',
      'groups[2]',
      'groups[3].name',
      'groups[1].name',
      'groups[4].name',
    ]);
  });

  test.each(['a'.repeat(128), '0', 'a.b-c_d'])('may be named %s', (name) => {
    expect(load(SMALLEST.replace('name: test', `name: "${name}"`)).config.groups[0]?.name).toBe(name);
  });

  test.each(['a'.repeat(129), '', '.a', 'a/b', 'ä'])('may not be named %j', (name) => {
    expect(problemsOf(() => load(SMALLEST.replace('name: test', `name: "${name}"`)))).toHaveLength(1);
  });

  test('there must be one', () => {
    const head = `app: { is_start_http: true }\n${SOURCE}\n`;
    expect(problemsOf(() => load(head))).toEqual(['groups: is missing (cache.yaml:1)']);
    expect(problemsOf(() => load(`${head}groups: []`))).toEqual([
      'groups: must have at least 1, and has none (cache.yaml:3)',
    ]);
    const commandLine = parseCommandLine(['--app.is_start_http']);
    expect(problemsOf(() => loadConfig({ commandLine, variables: {}, workingDir: dir }))).toEqual([
      'groups: is missing (no configuration file was named: --config or HGCACHE_CONFIG)',
    ]);
  });
});

describe('a wrong source', () => {
  test.each([
    ['type: sqlit', 'source.type: "sqlit" is not a source; did you mean sqlite?'],
    ['file: a.db', 'source.type: is missing; one of sqlite, http, module, static'],
    [
      'type: sqlite, file: "", query: SELECT 1',
      'source.file: must be text, not ""',
      'source.query: must have exactly one parameter, a ? for the key; it has none',
    ],
    [
      'type: sqlite, file: a.db, query: "SELECT ?; DELETE FROM t"',
      'source.query: must be one statement; there is another one behind the ;',
    ],
    [
      'type: sqlite, file: a.db, query: "SELECT ? + :key"',
      'source.query: must have exactly one parameter, a ? for the key; it has ? and :key',
    ],
    [
      'type: http, url: "http://o/"',
      'source.url: http://o/…: {key} must stand where the key goes, e.g. http://origin.internal/users/{key}',
    ],
    [
      'type: http, url: "http://o/{key}", timeout: 0s, header: {}',
      'source.timeout: must be a duration of 1ms to 24h, not "0s"',
      'source.header: unknown key; did you mean headers?',
    ],
    [
      'type: http, url: "http://o/{key}", headers: { "a b": x }',
      'source.headers["a b"]: Header name must be a valid HTTP token ["a b"]',
    ],
    ['type: module', 'source.path: is missing'],
    [
      'type: static, values: { Tom: 630 }',
      'source.values.Tom: must be text, not 630; put it in quotes: "630"',
    ],
    [
      'type: http, url: "http://u:s3cret@o/{key}"',
      'source.url: http://o/…: credentials belong into headers, as authorization, e.g. http://origin.internal/users/{key}',
    ],
    [
      'type: http, url: "http://o/{key}", headers: { A: 12345, B: [x] }',
      'source.headers.A: must be text; put it in quotes',
      'source.headers.B: must be text',
    ],
    [
      'type: http, url: "http://o/{key}", headers: { C: "s3cret\\u0000" }',
      'source.headers.C: Invalid character in header content ["C"]',
    ],
    ['type: http, url: "http://o/{key}", headers: s3cret', 'source.headers: must be a map of names and text'],
    [
      'type: static, values: { __proto__: 1 }',
      'source.values.__proto__: must be text, not 1; put it in quotes: "1"',
    ],
    ['type: static, values: {}, __proto__: {}', 'source.__proto__: unknown key'],
    ['type: static, values: [a]', 'source.values: must be a map of names and text, not a list'],
  ])('%s', (source, ...problems) => {
    expect(sourceProblems(source)).toEqual(problems);
  });

  test('it may be missing only where a group has its own', () => {
    expect(groupProblems('source: 5')).toEqual([
      'groups[0].source: must be a map of names and values, not 5',
    ]);
  });
});

describe('a wrong file', () => {
  test('that is not there', () => {
    const commandLine = parseCommandLine(['--config=nope.yaml', '--htpt.port=1']);
    expect(problemsOf(() => loadConfig({ commandLine, variables: {}, workingDir: dir }))).toEqual([
      '--htpt.port: unknown flag; did you mean --http.port?',
      'nope.yaml: there is no such file',
    ]);
  });

  test.each([
    ['is not there', 'nope.yaml', 'there is no such file'],
    ['is a directory', '.', 'it is a directory'],
    ['is not UTF-8', 'latin1.yaml', 'it is not UTF-8 text'],
  ])('that %s: what flags and variables say is checked all the same', (_, name, problem) => {
    writeFileSync(join(dir, 'latin1.yaml'), Buffer.from('app: { name: "\xe9" }', 'latin1'));
    const args = [
      `--config=${name}`,
      '--http.port=abc',
      '--app.is_start_http=false',
      '--peers.self=http://a:1',
    ];
    const variables = { HGCACHE_LOG_LEVEL: 'loud' };
    expect(
      problemsOf(() => loadConfig({ commandLine: parseCommandLine(args), variables, workingDir: dir })),
    ).toEqual([
      `${name}: ${problem}`,
      'http.port: must be a number from 0 to 65535, not "abc" (--http.port)',
      'log.level: "loud" is not a level; one of trace, debug, info, warn, error, fatal, silent (HGCACHE_LOG_LEVEL)',
    ]);
  });

  test('with a syntax error says the line and the column', () => {
    expect(problemsOf(() => load('app:\n  name: [a\n'))).toEqual([
      expect.stringMatching(/^cache\.yaml:3:1: Flow sequence .* must be/),
    ]);
    expect(problemsOf(() => load('a: 1\n\tb: 2\n'))[0]).toMatch(/^cache\.yaml:2:1: /);
  });

  test('with a key that stands there twice', () => {
    expect(problemsOf(() => load('app: {}\nhttp: {}\napp: {}\n'))).toEqual([
      'cache.yaml:3:1: the key app stands here twice',
    ]);
  });

  test('that is a list, or a word', () => {
    expect(problemsOf(() => load('- a\n'))).toEqual([
      'must be a map of names and values, not a list (cache.yaml:1)',
    ]);
    expect(problemsOf(() => load('hello\n', { args: ['--http.port=1'] }))).toEqual([
      'must be a map of names and values, not "hello" (cache.yaml:1)',
    ]);
  });

  test('with aliases that multiply', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (const [from, to] of ['ab', 'bc', 'cd', 'de']) {
      bomb.push(`${to}: &${to} [${Array(9).fill(`*${from}`).join(', ')}]`);
    }
    expect(problemsOf(() => load(bomb.join('\n')))).toEqual([expect.stringMatching(/^cache\.yaml: .*alias/)]);
  });
});

test('every problem is listed at once', () => {
  const yaml = `
app: { name: "", is_start_htpt: true }
http: { port: abc, cors: { origins: ["*"], credentials: true } }
peers: { self: "http://a:1", members: ["http://b:1"], placement: ballanced }
groups:
  - { name: a, maxBytes: 12 parsecs, ttl: 30 }
  - 5
`;
  const problems = problemsOf(() => load(yaml, { args: ['--log.level=loud', 'serve'] }));
  expect(problems.map((problem) => problem.split(':')[0])).toEqual([
    '"serve"',
    'app.name',
    'app.is_start_htpt',
    'http.port',
    'http.cors.credentials',
    'log.level',
    'peers.placement',
    'peers.members',
    'groups[0].maxBytes',
    'groups[0].ttl',
    'groups[1]',
  ]);
});

test('the message has a line for each problem', () => {
  expect(() => load(`${SMALLEST}http: { port: abc, host: "" }`)).toThrow(
    /^2 problems in the configuration:\n {2}http\.host: .*\(cache\.yaml:4\)\n {2}http\.port: .*$/,
  );
});
