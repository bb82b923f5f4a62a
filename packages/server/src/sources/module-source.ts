// The module source: values from a JavaScript or TypeScript file of the operator's that exports `load`.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { ByteView, ConfigError, InvalidValueError, StoppedError } from 'hgcache';
import type { ModuleSourceConfig } from '../config/config.ts';
import type { Source, SourceContext } from './source.ts';
import { untilAborted } from './until-aborted.ts';

/** What such a file exports, by name or as the properties of its default export. */
interface LoaderModule {
  load(key: string, context: SourceContext): unknown;
  close?(): unknown;
}

// How long a file may take to be imported, and its `close` to come to an end, in ms. The second is within the 30 s of a
// stop, together with what comes before it.
const IMPORT_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 3_000;

/**
 * A source that calls `load(key, { signal })` of a file. `load` gives, or promises, the value:
 *
 * - a string (as UTF-8), a `Uint8Array`, an `ArrayBuffer` or a `ByteView`: these bytes;
 * - `undefined` or `null`: there is none;
 * - a number, a boolean, an array, a plain object, or an object with `toJSON`: its JSON text;
 * - anything else, a `Map` or a function say, is an `InvalidValueError`.
 *
 * `close`, if there is one, is called once for every source that was made of the file, and may take 3 s. Rejects with
 * `ConfigError` when the file cannot be imported within 10 s or exports no `load`. A relative path starts at `baseDir`.
 */
export async function createModuleSource(config: ModuleSourceConfig, baseDir: string): Promise<Source> {
  const path = resolve(baseDir, config.path);
  const loader = await importLoader(path);
  const closing = new AbortController();
  return {
    load: async (key, { signal }) => {
      closing.signal.throwIfAborted();
      signal.throwIfAborted();
      const either = AbortSignal.any([signal, closing.signal]);
      const load = async (): Promise<unknown> => loader.load(key, { signal: either });
      return toBytes(await untilAborted(load(), either), path);
    },
    close: async () => {
      if (closing.signal.aborted) return;
      closing.abort(new StoppedError());
      const late = () => new Error(`source module ${path}: close has not come to an end within 3 s`);
      await withinTime((async () => loader.close?.())(), CLOSE_TIMEOUT_MS, late);
    },
  };
}

async function importLoader(path: string): Promise<LoaderModule> {
  const cannot = (reason: string, cause?: unknown) =>
    new ConfigError(`source module ${path}: cannot be imported: ${reason}`, { cause });
  // Node would say which file of the server has asked for it.
  if (!existsSync(path)) throw cannot('there is no such file');
  let exported: { readonly load?: unknown; readonly close?: unknown; readonly default?: unknown };
  try {
    const late = () => cannot('it has not come to its end within 10 s');
    exported = await withinTime(import(pathToFileURL(path).href), IMPORT_TIMEOUT_MS, late);
  } catch (error) {
    throw error instanceof ConfigError ? error : cannot(messageOf(error), error);
  }
  for (const candidate of [exported, exported.default]) {
    if (isLoaderModule(candidate)) return candidate;
  }
  throw new ConfigError(
    `source module ${path}: exports no function load(key, { signal }), neither by name nor in its default export`,
  );
}

/** Settles as `promise` does, or rejects when it takes too long; a promise alone would keep no process alive. */
function withinTime<T>(promise: Promise<T>, ms: number, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** The message of whatever the file threw. */
function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function isLoaderModule(candidate: unknown): candidate is LoaderModule {
  if (typeof candidate !== 'object' || candidate === null) return false;
  const { load, close } = candidate as Record<string, unknown>;
  return typeof load === 'function' && (close === undefined || typeof close === 'function');
}

function toBytes(value: unknown, path: string): ByteView | undefined {
  if (value === undefined || value === null) return undefined;
  if (value instanceof ByteView) return value;
  if (typeof value === 'string' || value instanceof Uint8Array || value instanceof ArrayBuffer) {
    return ByteView.from(value);
  }
  if (!hasJsonForm(value)) throw invalid(value, path);
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw new InvalidValueError(
      `source module ${path}: load gave a value with no JSON form: ${messageOf(cause)}`,
      {
        cause,
      },
    );
  }
  if (text === undefined) throw invalid(value, path);
  return ByteView.from(text);
}

/** Whether JSON says what the value is; a `Map` would silently become `{}`, and NaN `null`. */
function hasJsonForm(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'boolean' || Array.isArray(value)) return true;
  if (typeof value !== 'object' || value === null) return false;
  // By name, as an object of another realm has another Object.prototype.
  const prototype = Object.getPrototypeOf(value);
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return true;
  return typeof (value as { toJSON?: unknown }).toJSON === 'function';
}

function invalid(value: unknown, path: string): InvalidValueError {
  return new InvalidValueError(
    `source module ${path}: load must give a string, bytes, a value with a JSON form, or undefined, ` +
      `not ${inspect(value, { depth: 0, maxStringLength: 80 })}`,
  );
}
