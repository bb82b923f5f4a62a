// The route of many keys: POST /v1/groups/{group}/batch-get.

import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { type ByteView, type Group, PartialError } from 'hgcache';
import { type ErrorBody, errorBody } from '../error-codes.ts';
import { type GatewayContext, groupOf, limitsOf } from './gateway-context.ts';
import { answerOf, GatewayError } from './gateway-error.ts';
import { parseQuery, rejectUnknownParameters } from './request-target.ts';
import { addResource } from './resource.ts';

/** The most keys in one request. */
export const MAX_BATCH_KEYS = 1_000;

/** The largest body of a request, in bytes. */
export const MAX_BATCH_BODY_BYTES: number = 1024 * 1024;

/** The most bytes of values in one answer; keys whose values come after that are errors and can be asked for again. */
export const MAX_BATCH_ANSWER_BYTES: number = 64 * 1024 * 1024;

const ENCODINGS = ['utf8', 'base64'] as const;
type Encoding = (typeof ENCODINGS)[number];

interface BatchRequest {
  readonly keys: readonly string[];
  readonly encoding: Encoding;
}

/** Every key stands in exactly one of the three. */
interface BatchAnswer {
  readonly values: Readonly<Record<string, string>>;
  readonly missing: readonly string[];
  readonly errors: Readonly<Record<string, ErrorBody>>;
}

/** Adds the route. */
export function addBatchRoutes(app: FastifyInstance, context: GatewayContext): void {
  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser('*', (_request, _payload, done) => {
    done(
      new GatewayError('unsupportedMediaType', 'the body must be sent with Content-Type: application/json'),
    );
  });
  addResource(app, '/v1/groups/:group/batch-get', {
    POST: {
      bodyLimit: MAX_BATCH_BODY_BYTES,
      handler: async (request, reply): Promise<BatchAnswer> => {
        rejectUnknownParameters(parseQuery(request.originalUrl), []);
        const group = groupOf(context, (request.params as { readonly group: string }).group);
        const { keys, encoding } = parseBody(request.body);
        const { values, errors } = await getMany(group, keys, limitsOf(reply));
        const answer = encode(values, encoding);
        for (const [key, error] of errors) {
          const { body, status } = answerOf(error, request.id);
          if (status >= 500) request.log.warn({ err: error }, 'a key of a batch failed');
          answer.errors.set(key, body);
        }
        const isMissing = (key: string): boolean => !values.has(key) && !errors.has(key);
        return {
          // From entries, so that a key such as __proto__ is a property like any other.
          values: Object.fromEntries(answer.values),
          missing: [...new Set(keys)].filter(isMissing),
          errors: Object.fromEntries(answer.errors),
        };
      },
    },
  });
}

interface Outcome {
  readonly values: ReadonlyMap<string, ByteView>;
  readonly errors: ReadonlyMap<string, unknown>;
}

async function getMany(
  group: Group<ByteView>,
  keys: readonly string[],
  limits: ReturnType<typeof limitsOf>,
): Promise<Outcome> {
  try {
    return { values: await group.getMany(keys, limits), errors: new Map() };
  } catch (error) {
    if (error instanceof PartialError) return error as PartialError<ByteView>;
    throw error;
  }
}

function encode(values: ReadonlyMap<string, ByteView>, encoding: Encoding) {
  const encoded = new Map<string, string>();
  const errors = new Map<string, ErrorBody>();
  let length = 0;
  for (const [key, value] of values) {
    const bytes = value.toBuffer();
    if (encoding === 'utf8' && !isUtf8(bytes)) {
      errors.set(key, errorBody('decoding', 'the value is not UTF-8 text; ask with "encoding": "base64"'));
    } else if (length + bytes.length > MAX_BATCH_ANSWER_BYTES) {
      errors.set(key, errorBody('answerFull', 'the answer is full; ask for this key again'));
    } else {
      length += bytes.length;
      encoded.set(key, bytes.toString(encoding));
    }
  }
  return { values: encoded, errors };
}

function parseBody(body: unknown): BatchRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw bad('the body must be an object, e.g. {"keys": ["Tom", "Jack"]}');
  }
  const { keys, encoding = 'utf8', ...unknown } = body as Record<string, unknown>;
  const [other] = Object.keys(unknown);
  if (other !== undefined) throw bad(`${JSON.stringify(other)} is unknown; known are keys and encoding`);
  if (!Array.isArray(keys)) throw bad('keys must be an array of strings');
  if (keys.length > MAX_BATCH_KEYS)
    throw bad(`keys: at most ${MAX_BATCH_KEYS} at a time, these are ${keys.length}`);
  const odd = keys.findIndex((key) => typeof key !== 'string');
  if (odd !== -1) throw bad(`keys[${odd}] must be a string`);
  const known = ENCODINGS.find((name) => name === encoding);
  if (known === undefined) throw bad(`encoding must be one of ${ENCODINGS.join(', ')}`);
  return { keys, encoding: known };
}

function bad(message: string): GatewayError {
  return new GatewayError('binding', message);
}
