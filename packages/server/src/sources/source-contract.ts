// The contract that every source keeps, as cases for any test runner.

import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict';
import { keyFromBytes, StoppedError } from 'hgcache';
import type { Source } from './source.ts';

/** How a test makes the source under test: over an origin that holds these values and nothing else. */
export type OpenSource = (values: ReadonlyMap<string, string>) => Promise<Source>;

/** One thing that every source does. */
export interface SourceCase {
  readonly name: string;
  run(open: OpenSource): Promise<void>;
}

// Keys that mean something else where they are not escaped: to a URL, to SQL, to an object, to a file system.
const AWKWARD_KEYS = [
  'Tom',
  'with space',
  'a/b//c',
  '/',
  '.',
  '..',
  '../../etc/passwd',
  '%2e%2e',
  '100%',
  'a+b',
  'a?b=c&d#e',
  '{key}',
  "' OR 1=1 --",
  '__proto__',
  'constructor',
  'toString',
  'tab\tand\nline',
  'Zoë 王 🚀',
  '\ufffd',
  'x'.repeat(1024),
];

const never: AbortSignal = new AbortController().signal;

/** Opens a source, hands it over, and closes it whatever happens. */
async function using(
  open: OpenSource,
  values: Record<string, string>,
  use: (source: Source) => Promise<void>,
) {
  const source = await open(new Map(Object.entries(values)));
  try {
    await use(source);
  } finally {
    await source.close();
  }
}

async function textOf(source: Source, key: string): Promise<string | undefined> {
  return (await source.load(key, { signal: never }))?.toString();
}

/** Every case; `open` is called anew in each. */
export const sourceContract: readonly SourceCase[] = [
  {
    name: 'a key that the origin has is its value',
    run: (open) =>
      using(open, { Tom: '630', Jack: '589' }, async (source) => {
        strictEqual(await textOf(source, 'Tom'), '630');
        strictEqual(await textOf(source, 'Jack'), '589');
      }),
  },
  {
    name: 'a key that the origin does not have is not found',
    run: (open) =>
      using(open, { Tom: '630' }, async (source) => {
        strictEqual(await textOf(source, 'tom'), undefined);
        strictEqual(await textOf(source, 'Tom '), undefined);
      }),
  },
  {
    name: 'an empty value is found',
    run: (open) =>
      using(open, { Tom: '' }, async (source) => {
        strictEqual(await textOf(source, 'Tom'), '');
      }),
  },
  {
    name: 'a value arrives to the letter',
    run: async (open) => {
      const value = `Zoë\r\n"王" 🚀 \\ %41 ${'y'.repeat(100_000)}`;
      await using(open, { Tom: value }, async (source) => {
        strictEqual(await textOf(source, 'Tom'), value);
      });
    },
  },
  {
    name: 'a key with any characters finds its own value and no other',
    run: async (open) => {
      const source = await open(new Map(AWKWARD_KEYS.map((key) => [key, `value of ${key}`])));
      try {
        for (const key of AWKWARD_KEYS) strictEqual(await textOf(source, key), `value of ${key}`);
      } finally {
        await source.close();
      }
    },
  },
  {
    name: 'a key with any characters that the origin does not have is not found',
    run: (open) =>
      using(open, { other: 'x' }, async (source) => {
        for (const key of AWKWARD_KEYS) strictEqual(await textOf(source, key), undefined);
      }),
  },
  {
    name: 'a key that is not valid UTF-8 is not found where keys are text',
    run: (open) =>
      using(open, { '\ufffd': 'x', 'a\ufffd': 'x' }, async (source) => {
        strictEqual(await textOf(source, keyFromBytes(Uint8Array.of(0xff))), undefined);
        strictEqual(await textOf(source, keyFromBytes(Uint8Array.of(0x61, 0xc3))), undefined);
      }),
  },
  {
    name: 'many loads at a time each get their own value',
    run: async (open) => {
      const keys = Array.from({ length: 300 }, (_, index) => `key${index}`);
      const values = Object.fromEntries(keys.map((key) => [key, `${key}!`]));
      await using(open, values, async (source) => {
        const texts = await Promise.all([...keys, 'missing'].map((key) => textOf(source, key)));
        deepStrictEqual(texts, [...keys.map((key) => `${key}!`), undefined]);
      });
    },
  },
  {
    name: 'a load whose signal has fired rejects with its reason, and the next one works',
    run: (open) =>
      using(open, { Tom: '630' }, async (source) => {
        const reason = new Error('nobody waits');
        await rejects(source.load('Tom', { signal: AbortSignal.abort(reason) }), reason);
        strictEqual(await textOf(source, 'Tom'), '630');
      }),
  },
  {
    name: 'a signal that fires after the load has settled changes nothing',
    run: (open) =>
      using(open, { Tom: '630' }, async (source) => {
        const controller = new AbortController();
        const value = await source.load('Tom', { signal: controller.signal });
        controller.abort();
        strictEqual(value?.toString(), '630');
        strictEqual(await textOf(source, 'Tom'), '630');
      }),
  },
  {
    name: 'a closed source refuses loads, and may be closed again',
    run: async (open) => {
      const source = await open(new Map([['Tom', '630']]));
      await source.close();
      await source.close();
      await rejects(source.load('Tom', { signal: never }), (error) => {
        ok(error instanceof StoppedError);
        return true;
      });
    },
  },
];
