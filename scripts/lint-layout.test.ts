// Proves that the linter holds the layout: every rule is shown a violation, in a copy of the folders.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BIOME = join(ROOT, 'node_modules/.bin/biome');
const LIB = 'packages/hgcache/src';
const SERVER = 'packages/server/src';

interface Violation {
  readonly what: string;
  readonly rule: string;
  readonly file: string;
  readonly code: string;
}

const violations: readonly Violation[] = [
  forbiddenImport('a leaf imports the store', `${LIB}/leaf.ts`, './store/store.ts'),
  forbiddenImport('a leaf imports Group', `${LIB}/leaf2.ts`, './group.ts'),
  forbiddenImport('eviction imports the store', `${LIB}/eviction/mru.ts`, '../store/store.ts'),
  forbiddenImport('the store imports Group', `${LIB}/store/some-store.ts`, '../group.ts'),
  forbiddenImport('the store imports a placement', `${LIB}/store/odd-store.ts`, '../placement/placement.ts'),
  forbiddenImport('a transport imports Group', `${LIB}/peers/http/some-transport.ts`, '../../group.ts'),
  forbiddenImport(
    'a transport imports the store',
    `${LIB}/peers/http/odd-transport.ts`,
    '../../store/store.ts',
  ),
  forbiddenImport('placement imports peers', `${LIB}/placement/ring.ts`, '../peers/peer-transport.ts'),
  forbiddenImport('discovery imports HgCache', `${LIB}/discovery/static.ts`, '../hgcache.ts'),
  forbiddenImport('Group imports HgCache', `${LIB}/group.ts`, './hgcache.ts'),
  forbiddenImport('Group imports a placement', `${LIB}/group-load.ts`, './placement/ring.ts'),
  forbiddenImport('a source imports a test', `${SERVER}/logging.ts`, './server.test.ts'),
  forbiddenImport('a source imports the testing tools', `${SERVER}/server.ts`, 'hgcache/testing'),
  forbiddenImport(
    'a package reaches into another',
    `${SERVER}/cli.ts`,
    '../../../packages/hgcache/src/key.ts',
  ),
  forbiddenImport('a part of the server imports its start', `${SERVER}/gateway/gateway.ts`, '../server.ts'),
  forbiddenImport(
    'a benchmark reaches into a package',
    'benchmarks/src/suite.ts',
    '../../packages/hgcache/src/key.ts',
  ),
  forbiddenImport('a script imports the testing tools', 'scripts/some.ts', 'hgcache/testing'),
  {
    what: 'two files import each other, types only',
    rule: 'lint/suspicious/noImportCycles',
    file: `${LIB}/store/one.ts`,
    code: "import type { B } from './two.ts';\nexport interface A {\n  readonly b: B;\n}\n",
  },
  {
    what: 'a package that is not a dependency',
    rule: 'lint/correctness/noUndeclaredDependencies',
    file: `${LIB}/member.ts`,
    code: "import { LRUCache } from 'lru-cache';\nexport const lru: unknown = new LRUCache({ max: 1 });\n",
  },
  {
    what: 'a file name that is not kebab-case',
    rule: 'lint/style/useFilenamingConvention',
    file: `${LIB}/byteView.ts`,
    code: 'export const one = 1;\n',
  },
  {
    what: 'a file of more than 300 lines',
    rule: 'lint/style/noExcessiveLinesPerFile',
    file: `${LIB}/long.ts`,
    code: Array.from({ length: 301 }, (_, line) => `export const name${line} = ${line};\n`).join(''),
  },
  {
    what: 'a promise that nobody waits for',
    rule: 'lint/nursery/noFloatingPromises',
    file: `${LIB}/clock.ts`,
    code: 'async function tick(): Promise<void> {}\nexport function start(): void {\n  tick();\n}\n',
  },
  {
    what: 'a word to the console from a library',
    rule: 'lint/suspicious/noConsole',
    file: `${LIB}/hooks.ts`,
    code: "console.log('hit');\nexport const one = 1;\n",
  },
];

describe('the linter refuses', () => {
  let folder = '';
  let reported: ReadonlyMap<string, string> = new Map();

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'hgcache-lint-'));
    for (const file of [
      'biome.json',
      '.gitignore',
      'packages/hgcache/package.json',
      'packages/server/package.json',
    ]) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      cpSync(join(ROOT, file), join(folder, file));
    }
    const others = [
      ...violations,
      {
        file: `${LIB}/store/two.ts`,
        code: "import type { A } from './one.ts';\nexport interface B {\n  readonly a: A;\n}\n",
      },
      { file: `${LIB}/store/good-store.ts`, code: usingImport('../eviction/eviction-policy.ts') },
      { file: `${LIB}/peers/http/good-transport.ts`, code: usingImport('../peer-transport.ts') },
      { file: `${LIB}/discovery/good.ts`, code: usingImport('../errors.ts') },
      { file: `${LIB}/store/good-store.test.ts`, code: usingImport('../testing/index.ts') },
    ];
    for (const { file, code } of others) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), code);
    }
    reported = lint(folder);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(violations)('$what', ({ file, rule }) => {
    expect(reported.get(file)).toContain(rule);
  });

  test.each([
    'store/good-store.ts',
    'store/good-store.test.ts',
    'peers/http/good-transport.ts',
    'discovery/good.ts',
  ])('but not %s, which imports what it may', (file) => {
    expect(reported.get(`${LIB}/${file}`) ?? '').not.toContain('noRestrictedImports');
  });
});

/** The categories that Biome reports, by file. */
function lint(folder: string): ReadonlyMap<string, string> {
  const result = spawnSync(BIOME, ['lint', '--reporter=json', '--max-diagnostics=none', '.'], {
    cwd: folder,
    encoding: 'utf8',
  });
  const categories = new Map<string, string>();
  for (const { category, location } of JSON.parse(result.stdout).diagnostics) {
    const file = String(location.path?.file ?? location.path);
    categories.set(file, `${categories.get(file) ?? ''} ${category}`);
  }
  return categories;
}

function forbiddenImport(what: string, file: string, imported: string): Violation {
  return { what, rule: 'lint/style/noRestrictedImports', file, code: usingImport(imported) };
}

function usingImport(imported: string): string {
  return `import * as used from '${imported}';\n\nexport const names: unknown = Object.keys(used);\n`;
}
