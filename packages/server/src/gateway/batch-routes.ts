// The route of many keys: POST /v1/groups/{group}/batch-get.

import type { FastifyInstance } from 'fastify';
import { type ByteView, type CallOptions, type Group, PartialError, validateKey } from 'hgcache';
import { BATCH_ENCODINGS, BatchAnswer, type BatchBody, type BatchEncoding } from './batch-answer.ts';
import { type GatewayContext, groupOf, limitsOf } from './gateway-context.ts';
import { answerOf, GatewayError } from './gateway-error.ts';
import { parseQuery, rejectUnknownParameters } from './request-target.ts';
import { addResource } from './resource.ts';

/** The most keys in one request. */
export const MAX_BATCH_KEYS = 1_000;

/** The largest body of a request, in bytes. */
export const MAX_BATCH_BODY_BYTES: number = 1024 * 1024;

// How many keys are fetched at a time, which bounds what is in memory for one request: few at first, and then as many
// as should still fit into the answer.
const FIRST_SLICE = 16;
const LARGEST_SLICE = 100;

interface BatchRequest {
  readonly keys: readonly string[];
  readonly encoding: BatchEncoding;
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
      handler: async (request, reply): Promise<BatchBody> => {
        rejectUnknownParameters(parseQuery(request.originalUrl), []);
        const group = groupOf(context, (request.params as { readonly group: string }).group);
        const { keys, encoding } = parseBody(request.body);
        const limitsNow = limitsOf(reply, context);
        const wanted = [...new Set(keys)];
        const answer = new BatchAnswer(encoding);
        const failures: unknown[] = [];
        for (let size = FIRST_SLICE; wanted.length > 0 && !answer.isFull; ) {
          const slice = wanted.splice(0, size);
          const { values, errors } = await getMany(group, slice, limitsNow());
          for (const key of slice) {
            const error = errors.get(key);
            if (error === undefined) answer.add(key, values.get(key));
            else {
              answer.fail(key, answerOf(error, request.id).body);
              failures.push(error);
            }
          }
          size = Math.max(1, Math.min(LARGEST_SLICE, answer.room));
        }
        for (const key of wanted) answer.leaveOut(key);
        context.failures.noteBatch(request, failures);
        return answer.toBody();
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
  limits: CallOptions,
): Promise<Outcome> {
  try {
    return { values: await group.getMany(keys, limits), errors: new Map() };
  } catch (error) {
    if (error instanceof PartialError) return error as PartialError<ByteView>;
    throw error;
  }
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
  for (const [index, key] of keys.entries()) checkKey(key, index);
  const known = BATCH_ENCODINGS.find((name) => name === encoding);
  if (known === undefined) throw bad(`encoding must be one of ${BATCH_ENCODINGS.join(', ')}`);
  return { keys, encoding: known };
}

function checkKey(key: string, index: number): void {
  try {
    validateKey(key);
  } catch (error) {
    throw new GatewayError('validation', `keys[${index}]: ${(error as Error).message}`);
  }
}

function bad(message: string): GatewayError {
  return new GatewayError('binding', message);
}
