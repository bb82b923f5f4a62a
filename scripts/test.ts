// `npm test`: type check and build, lint, then every test; the last line says how many passed and failed.
// What follows `npm test --` goes to vitest, e.g. `npm test -- placement`.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BIN = join(ROOT, 'node_modules/.bin');

/** What a test needs beside npm's packages, as Debian names it. */
interface SystemPackage {
  readonly name: string;
  readonly isThere: () => boolean;
}

const SHELL_PACKAGES: readonly SystemPackage[] = [
  // The commands in the documents use it.
  { name: 'curl', isThere: () => run('curl', ['--version'], 'ignore') },
];

const GO_PACKAGES: readonly SystemPackage[] = [
  { name: 'golang-go', isThere: () => run('go', ['version'], 'ignore') },
  {
    name: 'golang-github-golang-groupcache-dev',
    isThere: () => existsSync('/usr/share/gocode/src/github.com/golang/groupcache/groupcache.go'),
  },
];

interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The part of vitest's JSON report that is read here. */
interface VitestReport {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

function main(filters: readonly string[]): void {
  if (!haveSystemPackages()) finish({ passed: 0, failed: 1, skipped: 0 });
  // The end-to-end tests run what was built, so nothing can follow a build that failed.
  if (!stage('Type check and build', 'node', ['scripts/build.ts']))
    finish({ passed: 0, failed: 1, skipped: 0 });
  const isLintClean = stage('Lint', 'biome', ['check', '--error-on-warnings', '.']);
  const totals = runVitest(filters);
  if (!isLintClean)
    console.log('\nLint failed, see above; `npm run format` mends what can be mended by itself.');
  finish({ ...totals, failed: totals.failed + (isLintClean ? 0 : 1) });
}

function haveSystemPackages(): boolean {
  const isGoSkipped = process.env['HGCACHE_SKIP_GO'] === '1';
  const wanted = isGoSkipped ? SHELL_PACKAGES : [...SHELL_PACKAGES, ...GO_PACKAGES];
  const isMissing = ({ isThere }: SystemPackage) => !isThere();
  let missing = wanted.filter(isMissing);
  const isDebianRoot = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if (missing.length > 0 && isDebianRoot) {
    const names = missing.map(({ name }) => name);
    console.log(`\n── Installing ${names.join(', ')}`);
    run('apt-get', ['update', '-qq']);
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names]);
    missing = missing.filter(isMissing);
  }
  if (missing.length === 0) return true;
  const names = missing.map(({ name }) => name);
  console.error(`\nMissing for the tests: ${names.join(', ')}`);
  console.error(`  On Debian or Ubuntu:  sudo apt-get install ${names.join(' ')}`);
  if (missing.some((each) => GO_PACKAGES.includes(each))) {
    console.error("  Or without the tests against Go's groupcache:  HGCACHE_SKIP_GO=1 npm test");
  }
  return false;
}

function stage(title: string, command: string, args: readonly string[]): boolean {
  console.log(`\n── ${title}`);
  const startedMs = performance.now();
  const isGood = run(command, args);
  console.log(`${isGood ? 'done' : 'FAILED'} in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  return isGood;
}

function runVitest(filters: readonly string[]): Totals {
  const folder = mkdtempSync(join(tmpdir(), 'hgcache-test-'));
  const reportFile = join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
    const isGood = stage('Tests', 'vitest', ['run', ...reporters, ...filters]);
    if (!existsSync(reportFile)) return { passed: 0, failed: 1, skipped: 0 };
    const totals = totalsOf(JSON.parse(readFileSync(reportFile, 'utf8')));
    // An error outside of every test, such as an unhandled rejection, is in nobody's count.
    return isGood || totals.failed > 0 ? totals : { ...totals, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function totalsOf(report: VitestReport): Totals {
  // A file that does not even load has no failed test in it.
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function finish({ passed, failed, skipped }: Totals): never {
  console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  process.exit(failed === 0 ? 0 : 1);
}

function run(command: string, args: readonly string[], stdio: 'inherit' | 'ignore' = 'inherit'): boolean {
  const result = spawnSync(command, args, {
    cwd: ROOT,
    stdio,
    env: { ...process.env, PATH: BIN + delimiter + process.env['PATH'], DEBIAN_FRONTEND: 'noninteractive' },
    shell: process.platform === 'win32',
  });
  return result.status === 0;
}

main(process.argv.slice(2));
