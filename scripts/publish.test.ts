// What would be published: the right files and nothing else, with manifests that every tool understands.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The part of npm's report on a package that is read here. */
interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

describe.each(['packages/hgcache', 'packages/server'])('%s', (folder) => {
  const manifest = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));

  test('has a manifest that publint has nothing to say about', { timeout: 60_000 }, async () => {
    const { messages } = await publint({ pkgDir: join(ROOT, folder), strict: true, pack: 'npm' });
    expect(messages.map((message) => formatMessage(message, manifest))).toEqual([]);
  });

  test('has its program, its types and its licence, and no tests', { timeout: 60_000 }, () => {
    const paths = pack(folder, ['--dry-run']).files.map((file) => file.path);
    expect(paths).toEqual(
      expect.arrayContaining(['LICENSE', 'dist/index.js', 'dist/index.d.ts', 'package.json']),
    );
    expect(paths.filter((path) => /\.test\.|\.tsbuildinfo$|^src\//.test(path))).toEqual([]);
  });
});

describe('the library, packed and installed elsewhere', () => {
  let project = '';
  beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), 'hgcache-publish-'));
  });
  afterAll(() => rmSync(project, { recursive: true, force: true }));

  test('needs no other package and runs', { timeout: 60_000 }, () => {
    const { filename } = pack('packages/hgcache', [`--pack-destination=${project}`]);
    writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }');
    call('npm', ['install', '--offline', '--no-audit', '--no-fund', `./${filename}`], project);
    const program = `
      import { HgCache } from 'hgcache';
      const cache = new HgCache();
      const users = cache.group('users', { maxBytes: 1e6, load: (key) => ({ name: key }) });
      await cache.start();
      console.log((await users.get('Tom')).name);
      await cache.stop();`;
    expect(call(process.execPath, ['--input-type=module', '--eval', program], project)).toBe('Tom\n');
    const lock = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8'));
    expect(Object.keys(lock.packages)).toEqual(['', 'node_modules/hgcache']);
  });
});

function pack(folder: string, args: readonly string[]): Packed {
  const report = JSON.parse(call('npm', ['pack', '--json', '--ignore-scripts', ...args], join(ROOT, folder)));
  const [packed] = Object.values<Packed>(report);
  if (packed === undefined) throw new Error(`npm packed nothing in ${folder}`);
  return packed;
}

function call(command: string, args: readonly string[], cwd: string): string {
  const result = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`${command} failed: ${result.stdout}${result.stderr}`);
  return result.stdout;
}
