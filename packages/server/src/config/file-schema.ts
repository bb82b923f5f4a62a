// The schema of the configuration: every key, its default, and what one key demands of another.

import { validateHeaderName, validateHeaderValue } from 'node:http';
import { GROUP_NAME_PATTERN } from 'hgcache';
import { z } from 'zod';
import { parseUrlTemplate } from '../sources/url-template.ts';
import { addressOfPeer, isHost, parseHostAndPort } from './address.ts';
import {
  type Config,
  DIALECTS,
  EVICTIONS,
  type HostAndPort,
  LOG_FORMATS,
  LOG_LEVELS,
  PLACEMENTS,
  type SourceConfig,
} from './config.ts';
import {
  duration,
  type Field,
  flag,
  listOf,
  oneOf,
  section,
  sectionByType,
  size,
  text,
  textMap,
  textThat,
  whenFine,
  wholeNumber,
} from './fields.ts';
import { hasSecondStatement, sqlParameters } from './sql-parameters.ts';

// RFC 6750, section 2.1.
const BEARER_TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;
const DAY_MS = 24 * 60 * 60 * 1000;
const HOUR_SECONDS = 60 * 60;

const name = () =>
  textThat(
    (value) => GROUP_NAME_PATTERN.test(value),
    '1 to 128 letters, digits, dots, underscores and dashes',
  );
const host = () => textThat(isHost, 'a host name or an IP address');
const port = () => wholeNumber(0, 65_535);
const hostAndPort = () =>
  textThat((value) => parseHostAndPort(value) !== undefined, 'host:port, e.g. 127.0.0.1:8001');
const peerId = () =>
  textThat((value) => addressOfPeer(value) !== undefined, 'http://host:port, e.g. http://10.0.0.1:8001');
const url = (value: string) => (URL.canParse(value) ? new URL(value) : undefined);

// Marks what is wrong with all settings together, and not with one of them.
const ABOUT_THE_WHOLE = { isAboutTheWhole: true };

const cors = section({
  origins: listOf(
    textThat(
      (value) => value === '*' || url(value)?.origin === value,
      '"*" or an origin, e.g. https://example.com',
    ),
  ).default([]),
  credentials: flag().default(false),
}).refine(({ origins, credentials }) => !(credentials && origins.includes('*')), {
  ...whenFine('origins', 'credentials'),
  path: ['credentials'],
  error:
    'must be false while cors.origins has "*": any site could act in the name of your users; list the origins',
});

const sqliteSource = {
  type: z.literal('sqlite'),
  file: text(),
  query: text().superRefine((query, context) => {
    if (hasSecondStatement(query)) {
      context.addIssue({
        code: 'custom',
        message: 'must be one statement; there is another one behind the ;',
      });
    }
    const parameters = sqlParameters(query);
    if (parameters.length === 1 && parameters[0] === '?') return;
    const found = parameters.length === 0 ? 'it has none' : `it has ${parameters.join(' and ')}`;
    context.addIssue({
      code: 'custom',
      message: `must have exactly one parameter, a ? for the key; ${found}`,
    });
  }),
};

const httpSource = {
  type: z.literal('http'),
  url: text().superRefine((template, context) => {
    try {
      parseUrlTemplate(template);
    } catch (error) {
      // The path of the key says already that it is about a URL.
      context.addIssue({ code: 'custom', message: (error as Error).message.replace(/^source url:? /, '') });
    }
  }),
  timeout: duration(1, DAY_MS).default(5000),
  headers: textMap('secret')
    .superRefine((headers, context) => {
      for (const [header, value] of Object.entries(headers)) {
        const message = headerProblem(header, value);
        if (message) context.addIssue({ code: 'custom', path: [header], message });
      }
    })
    .default({}),
};

const moduleSource = { type: z.literal('module'), path: text() };
const staticSource = { type: z.literal('static'), values: textMap('public') };
const source = (): Field<SourceConfig> =>
  sectionByType('a source', [sqliteSource, httpSource, moduleSource, staticSource] as const).transform(
    (fields) => {
      if (fields.type !== 'http') return fields;
      const { timeout: timeoutMs, ...same } = fields;
      return { ...same, timeoutMs };
    },
  );

const group = section({
  name: name(),
  maxBytes: size(1, 16 * 2 ** 30),
  ttl: duration(1, Number.MAX_SAFE_INTEGER).optional(),
  hotTtl: duration(1, Number.MAX_SAFE_INTEGER).default(10_000),
  eviction: oneOf('an eviction policy', EVICTIONS).default('lru'),
  maxValueBytes: size(1, 2 ** 30).default(8 * 2 ** 20),
  loadTimeout: duration(1, DAY_MS).default(10_000),
  peerTimeout: duration(1, DAY_MS + 1000).optional(),
  maxConcurrentLoads: wholeNumber(1, 1_000_000).default(128),
  maxQueuedLoads: wholeNumber(0, 10_000_000).default(16_384),
  source: source().optional(),
}).transform(({ ttl, hotTtl, loadTimeout, peerTimeout, ...same }) => ({
  ...same,
  ...(ttl !== undefined && { ttlMs: ttl }),
  hotTtlMs: hotTtl,
  loadTimeoutMs: loadTimeout,
  peerTimeoutMs: peerTimeout ?? loadTimeout + 1000,
}));

const peers = section({
  self: peerId(),
  listen: hostAndPort().optional(),
  members: listOf(peerId(), 1),
  placement: oneOf('a placement', PLACEMENTS).default('balanced'),
  dialect: oneOf('a dialect', DIALECTS).default('groupcache'),
}).superRefine(
  ({ self, members }, context) => {
    if (!members.includes(self)) {
      const message = `must contain peers.self, ${JSON.stringify(self)}, to the letter`;
      context.addIssue({ code: 'custom', path: ['members'], message });
    }
    for (const index of repeated(members)) {
      context.addIssue({
        code: 'custom',
        path: ['members', index],
        message: `${members[index]} stands there twice`,
      });
    }
  },
  whenFine('self', 'members'),
);

const file = section({
  app: section({ name: name().default('hgcache'), is_start_http: flag().default(false) }).prefault({}),
  http: section({
    host: host().default('0.0.0.0'),
    port: port().default(8091),
    // Not shown when it is wrong: what was typed may be a secret all the same.
    token: z
      .string({ error: 'must be text' })
      .refine(
        (value) => value === '' || BEARER_TOKEN.test(value),
        'must be letters, digits and -._~+/ (RFC 6750)',
      )
      .default(''),
    cors: cors.prefault({}),
  }).prefault({}),
  grpc: section({ host: host().default('0.0.0.0'), port: port().default(9091) }).prefault({}),
  etcd: section({
    endpoints: listOf(hostAndPort(), 1).default(['127.0.0.1:2379']),
    leaseTTL: duration(1000, HOUR_SECONDS * 1000, { numbersAreSeconds: true }).default(5000),
  }).prefault({}),
  log: section({
    level: oneOf('a level', LOG_LEVELS).default('info'),
    format: oneOf('a format', LOG_FORMATS).optional(),
  }).prefault({}),
  discovery: oneOf('a discovery', ['static']).default('static'),
  peers: peers.optional(),
  source: source().optional(),
  groups: listOf(group, 1),
})
  .superRefine(
    ({ groups }, context) => {
      // Whatever else is wrong with them: some may not even be maps.
      const names = groups.map((each: { readonly name?: unknown } | undefined) => each?.name);
      for (const index of repeated(names)) {
        const message = `${JSON.stringify(names[index])} is the name of another group already`;
        context.addIssue({ code: 'custom', path: ['groups', index, 'name'], message });
      }
    },
    { when: ({ value }) => Array.isArray((value as { readonly groups?: unknown } | undefined)?.groups) },
  )
  .superRefine(
    ({ source: shared, groups }, context) => {
      for (const [index, each] of groups.entries()) {
        if (each.source !== undefined || shared !== undefined) continue;
        const message = 'is missing; give the group a source, or all groups one at the top level';
        context.addIssue({ code: 'custom', path: ['groups', index, 'source'], message });
      }
    },
    whenFine('source', 'groups.[].source'),
  )
  .superRefine(
    ({ app, peers: cluster }, context) => {
      if (app.is_start_http || cluster !== undefined) return;
      const message =
        'is false and there are no peers, so nobody could reach this server; set one of the two';
      context.addIssue({ code: 'custom', path: ['app', 'is_start_http'], message, params: ABOUT_THE_WHOLE });
    },
    whenFine('app', 'peers'),
  )
  .superRefine(
    ({ app, http, peers: cluster }, context) => {
      const peerAddress = parseHostAndPort(cluster?.listen ?? '') ?? addressOfPeer(cluster?.self ?? '');
      if (!app.is_start_http || http.port !== peerAddress?.port) return;
      const message = `${http.port} is the port that peers use already (peers.listen, or the port of peers.self)`;
      context.addIssue({ code: 'custom', path: ['http', 'port'], message });
    },
    whenFine('app', 'http', 'peers'),
  );

/** Whether this is wrong only as long as nothing else is configured. */
export function isAboutTheWhole(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'custom' && issue.params === ABOUT_THE_WHOLE;
}

/** Everything that a file, flags and the environment can say; complete, in bytes and ms. */
export type FileConfig = Omit<Config, 'baseDir'>;

export const fileSchema: Field<FileConfig> = file.transform(
  ({ app, http, log, peers: cluster, source: shared, groups }) => {
    const { token, ...listening } = http;
    return {
      app: { name: app.name, isStartHttp: app.is_start_http },
      http: { ...listening, ...(token !== '' && { token }) },
      log: { level: log.level, ...(log.format && { format: log.format }) },
      ...(cluster && { peers: { ...cluster, listen: listenAddress(cluster) } }),
      // The checks above have seen to it that one of the two is there.
      groups: groups.map((each) => ({ ...each, source: (each.source ?? shared) as SourceConfig })),
    };
  },
);

/** Where peers are listened for, of fields that have been checked. */
function listenAddress({
  listen,
  self,
}: {
  readonly listen?: string | undefined;
  readonly self: string;
}): HostAndPort {
  return (listen === undefined ? addressOfPeer(self) : parseHostAndPort(listen)) as HostAndPort;
}

/** The places of the texts that stand in the list before. */
function repeated(values: readonly unknown[]): number[] {
  return [...values.keys()].filter(
    (index) => typeof values[index] === 'string' && values.indexOf(values[index]) < index,
  );
}

function headerProblem(header: string, value: string): string | undefined {
  try {
    validateHeaderName(header);
    validateHeaderValue(header, value);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
