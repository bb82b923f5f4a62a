// What would be published from a fresh clone: the right files and nothing else, and they work where they are installed.

import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The part of npm's report on a package that is read here. */
interface Packed {
  readonly filename: string;
  readonly integrity: string;
  readonly files: readonly { readonly path: string }[];
}

/** The part of an entry of package-lock.json that is read here. */
interface LockedPackage {
  readonly link?: boolean;
  readonly dev?: boolean;
}

const PACKAGES = [
  ['packages/hgcache', 'hgcache'],
  ['packages/server', '@hgcache/server'],
] as const;
const CLONED = [
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
  'packages',
  'benchmarks',
  'scripts',
];
const BUILT = /(^dist|^node_modules|\.tsbuildinfo)$/;

const folder = mkdtempSync(join(tmpdir(), 'hgcache-publish-'));
const clone = join(folder, 'clone');
const tarballs = new Map<string, Packed>();

beforeAll(() => {
  makeClone();
  for (const [path, name] of PACKAGES) tarballs.set(path, pack(name));
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));

describe.each(PACKAGES)('%s', (folder) => {
  const manifest = manifestOf(folder);

  test('has a manifest that publint has nothing to say about', { timeout: 60_000 }, async () => {
    const { messages } = await publint({ pkgDir: join(clone, folder), strict: true, pack: 'npm' });
    expect(messages.map((message) => formatMessage(message, manifest))).toEqual([]);
  });

  test('has its program, its types, its sources and its licence, and no tests', () => {
    const paths = tarballs.get(folder)?.files.map((file) => file.path) ?? [];
    expect(paths).toEqual(
      expect.arrayContaining(['LICENSE', 'dist/index.js', 'dist/index.d.ts', 'src/index.ts', 'package.json']),
    );
    expect(paths.includes('dist/build-info.json')).toBe(folder === 'packages/server');
    expect(paths.filter((path) => /\.test\.|\.tsbuildinfo$|source-contract/.test(path))).toEqual([]);
    // Every compiled file and every map leads to a source that is there.
    const sources = new Set(paths.filter((path) => path.startsWith('src/')));
    const compiled = paths.filter((path) => path.startsWith('dist/') && path !== 'dist/build-info.json');
    const sourceOf = (path: string): string =>
      path.replace(/^dist/, 'src').replace(/(\.d\.ts|\.js)(\.map)?$/, '.ts');
    expect(compiled.filter((path) => !sources.has(sourceOf(path)))).toEqual([]);
  });
});

describe('both packages, packed and installed elsewhere', () => {
  const project = join(folder, 'project');

  beforeAll(() => {
    mkdirSync(project);
    const dependencies: Record<string, string> = {};
    const packages: Record<string, object> = { '': { dependencies } };
    for (const [path, name] of PACKAGES) {
      const { filename, integrity } = tarballs.get(path) as Packed;
      const { version, bin, dependencies: needed } = manifestOf(path);
      const resolved = `file:../${filename}`;
      dependencies[name] = resolved;
      packages[`node_modules/${name}`] = { version, bin, dependencies: needed, integrity, resolved };
    }
    // What everything else is locked to here, npm has in its cache.
    for (const [path, entry] of Object.entries<LockedPackage>(lock.packages)) {
      if (path.startsWith('node_modules/') && entry.link !== true && entry.dev !== true)
        packages[path] = entry;
    }
    write('package-lock.json', JSON.stringify({ lockfileVersion: 3, requires: true, packages }));
    write('package.json', JSON.stringify({ private: true, type: 'module', dependencies }));
    call('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund', '--omit=optional'], project);
  }, 120_000);

  const write = (name: string, text: string): void => writeFileSync(join(project, name), text);

  test('the library needs no other package, and the service nothing but what it names', () => {
    expect(manifestOf('packages/hgcache')).not.toHaveProperty('dependencies');
    const installed = JSON.parse(call('npm', ['ls', '--json', '--all'], project));
    expect(installed.problems ?? []).toEqual([]);
    expect(installed.dependencies.hgcache).not.toHaveProperty('dependencies');
  });

  test('a program runs, and its types are as strict as they come', { timeout: 60_000 }, () => {
    write(
      'program.ts',
      `import { createHttpTransport, HgCache, type Group } from 'hgcache';
      import { startServer } from '@hgcache/server';
      const cache = new HgCache();
      interface User { readonly name: string }
      const users: Group<User> = cache.group<User>('users', { maxBytes: 1e6, load: (name) => ({ name }) });
      await cache.start();
      const user: User | undefined = await users.get('Tom');
      console.log(user?.name, createHttpTransport().name, typeof startServer);
      await cache.stop();\n`,
    );
    const compilerOptions = {
      target: 'es2023',
      module: 'nodenext',
      strict: true,
      exactOptionalPropertyTypes: true,
      // The declarations of the packages themselves are checked, too.
      skipLibCheck: false,
      noEmit: true,
      types: ['node'],
      typeRoots: [join(ROOT, 'node_modules/@types')],
    };
    write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['program.ts'] }));
    call(join(ROOT, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.json'], project);
    expect(call(process.execPath, ['program.ts'], project)).toBe('Tom http function\n');
  });

  test('the command hgcache says which version it is', () => {
    const said = call(join(project, 'node_modules/.bin/hgcache'), ['--version'], project);
    expect(said).toMatch(/^hgcache \d+\.\d+\.\d+\nbuilt {3}\d{4}-/);
  });

  test.each([
    ['20.20.2', 1, 'hgcache: Node 20.20.2 is too old: Node 22.18 or newer is needed\n'],
    ['22.17.9', 1, 'hgcache: Node 22.17.9 is too old: Node 22.18 or newer is needed\n'],
    ['22.18.0', 0, ''],
    ['26.0.0', 0, ''],
  ])('the command on Node %s ends with %i', (version, code, message) => {
    const pretend = `Object.defineProperty(process.versions, 'node', { value: '${version}' });`;
    const flags = ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`];
    const command = join(project, 'node_modules/@hgcache/server/bin/hgcache.js');
    const { status, stderr } = spawnSync(process.execPath, [...flags, command, '--version'], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([code, message]);
  });
});

/** Everything but what a build or an installation makes; what is installed here serves there, too. */
function makeClone(): void {
  for (const name of CLONED) {
    const isCloned = (path: string): boolean => !BUILT.test(basename(path));
    // With its time, package-lock.json is not taken for newer than what is installed.
    cpSync(join(ROOT, name), join(clone, name), {
      recursive: true,
      preserveTimestamps: true,
      filter: isCloned,
    });
  }
  mkdirSync(join(clone, 'node_modules/@hgcache'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name === 'hgcache' || name === '@hgcache') continue;
    symlinkSync(join(ROOT, 'node_modules', name), join(clone, 'node_modules', name));
  }
  for (const [path, name] of PACKAGES) symlinkSync(join(clone, path), join(clone, 'node_modules', name));
}

function pack(name: string): Packed {
  const report = JSON.parse(
    call('npm', ['pack', '--json', '-w', name, `--pack-destination=${folder}`], clone),
  );
  const [packed] = Object.values<Packed>(report);
  if (packed === undefined) throw new Error(`npm packed nothing of ${name}`);
  return packed;
}

function manifestOf(folder: string) {
  return JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
}

function call(command: string, args: readonly string[], cwd: string): string {
  const result = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`${command} failed: ${result.stdout}${result.stderr}`);
  return result.stdout;
}
