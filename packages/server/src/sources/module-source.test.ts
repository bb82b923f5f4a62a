import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, InvalidValueError, StoppedError } from 'hgcache';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { createModuleSource } from './module-source.ts';
import type { Source } from './source.ts';
import { sourceContract } from './source-contract.ts';

const dir = mkdtempSync(join(tmpdir(), 'hgcache-module-'));
afterAll(() => rmSync(dir, { recursive: true }));
afterEach(() => {
  vi.useRealTimers();
});
let files = 0;
const never = new AbortController().signal;

/** A source over a file with this text; the extension says what it is. */
function open(text: string, extension = 'mjs'): Promise<Source> {
  const path = `loader-${files++}.${extension}`;
  writeFileSync(join(dir, path), text);
  return createModuleSource({ type: 'module', path }, dir);
}

describe('module source', () => {
  for (const { name, run } of sourceContract) {
    test(name, () =>
      run((values) =>
        open(`const values = new Map(${JSON.stringify([...values])});
              export const load = async (key) => values.get(key);`),
      ),
    );
  }

  test('load and close may stand in the default export, and see each other through this', async () => {
    const source = await open(`export default { suffix: '!', load(key) { return key + this.suffix; } };`);
    expect((await source.load('Tom', { signal: never }))?.toString()).toBe('Tom!');
  });

  test('a TypeScript file is a module too', async () => {
    const source = await open('export const load = (key: string): string => key.toUpperCase();', 'ts');
    expect((await source.load('Tom', { signal: never }))?.toString()).toBe('TOM');
  });

  test.each([
    ['a string', `'Zoë'`, 'Zoë'],
    ['bytes', 'new Uint8Array([0x36, 0x33, 0x30])', '630'],
    ['a Buffer', `Buffer.from('630')`, '630'],
    ['an ArrayBuffer', 'new Uint8Array([0x36]).buffer', '6'],
    ['a number', '630', '630'],
    ['false', 'false', 'false'],
    ['a plain object', '({ name: "Tom" })', '{"name":"Tom"}'],
    ['an object without a prototype', 'Object.assign(Object.create(null), { a: 1 })', '{"a":1}'],
    ['an array', '[1, "a"]', '[1,"a"]'],
    ['a date', 'new Date(0)', '"1970-01-01T00:00:00.000Z"'],
    ['undefined', 'undefined', undefined],
    ['null', 'null', undefined],
    ['a promise', `Promise.resolve('later')`, 'later'],
  ])('load may give %s', async (_, expression, text) => {
    const source = await open(`export const load = () => ${expression};`);
    expect((await source.load('Tom', { signal: never }))?.toString()).toBe(text);
  });

  test.each([
    ['a Map', 'new Map()'],
    ['a function', '() => 1'],
    ['a symbol', 'Symbol("s")'],
    ['a bigint', '1n'],
    ['NaN', 'NaN'],
    ['an instance of a class', 'new (class Row {})()'],
    ['a circle', '(() => { const a = []; a.push(a); return a; })()'],
    ['an object whose toJSON gives nothing', 'new (class Row { toJSON() {} })()'],
  ])('%s from load is an InvalidValueError that names the file', async (_, expression) => {
    const source = await open(`export const load = () => (${expression});`);
    const failure = await source.load('Tom', { signal: never }).catch((error) => error);
    expect(failure).toBeInstanceOf(InvalidValueError);
    expect(failure.message).toContain(dir);
  });

  test.each([
    ['throws', `export function load() { throw new Error('no connection'); }`],
    ['rejects', `export async function load() { throw new Error('no connection'); }`],
  ])('a load that %s rejects with its error', async (_, text) => {
    const source = await open(text);
    await expect(source.load('Tom', { signal: never })).rejects.toThrow('no connection');
  });

  test('a load that never settles ends with its signal, which it can see', async () => {
    const source = await open(`
      export const seen = [];
      export const load = (key, { signal }) => {
        signal.addEventListener('abort', () => { globalThis[Symbol.for('hgcache-test')] = signal.reason; });
        return new Promise(() => {});
      };`);
    const controller = new AbortController();
    const loading = source.load('Tom', { signal: controller.signal });
    const reason = new Error('nobody waits');
    controller.abort(reason);
    await expect(loading).rejects.toBe(reason);
    expect(Reflect.get(globalThis, Symbol.for('hgcache-test'))).toBe(reason);
  });

  test('closing ends what is outstanding, and calls close of the file once', async () => {
    const source = await open(`
      let closed = 0;
      export const load = () => new Promise(() => {});
      export const close = () => { globalThis[Symbol.for('hgcache-closed')] = ++closed; };`);
    const loading = source.load('Tom', { signal: never });
    const ended = expect(loading).rejects.toBeInstanceOf(StoppedError);
    await source.close();
    await source.close();
    await ended;
    expect(Reflect.get(globalThis, Symbol.for('hgcache-closed'))).toBe(1);
  });

  test.each([
    ['no load', 'export const lode = () => 1;', 'exports no function load'],
    ['a load that is no function', 'export const load = 630;', 'exports no function load'],
    ['a broken file', 'export const load = (', 'cannot be imported'],
    ['a file that throws', `throw new Error('no licence');`, 'no licence'],
  ])('%s is a ConfigError that names the file', async (_, text, problem) => {
    const failure = await open(text).catch((error) => error);
    expect(failure).toBeInstanceOf(ConfigError);
    expect(failure.message).toContain(problem);
    expect(failure.message).toContain(dir);
  });

  test('a file that is not there is a ConfigError that names it', async () => {
    const failure = await createModuleSource({ type: 'module', path: 'gone.mjs' }, dir).catch(
      (error) => error,
    );
    expect(failure).toBeInstanceOf(ConfigError);
    expect(failure.message).toBe(
      `source module ${join(dir, 'gone.mjs')}: cannot be imported: there is no such file`,
    );
  });

  test('a file that never comes to its end is a ConfigError after 10 s', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let failure: unknown;
    const opening = open('await new Promise(() => {}); export const load = () => 1;').catch((error) => {
      failure = error;
    });
    await vi.advanceTimersByTimeAsync(9_999);
    expect(failure).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    await opening;
    expect(failure).toBeInstanceOf(ConfigError);
    expect(String(failure)).toContain('cannot be imported: it has not come to its end within 10 s');
  });

  test('a close that never comes to its end is given up after 3 s', async () => {
    const source = await open(
      'export const load = () => 1; export const close = () => new Promise(() => {});',
    );
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let failure: unknown;
    const closing = source.close().catch((error) => {
      failure = error;
    });
    await vi.advanceTimersByTimeAsync(2_999);
    expect(failure).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    await closing;
    expect(String(failure)).toContain('close has not come to an end within 3 s');
  });
});
