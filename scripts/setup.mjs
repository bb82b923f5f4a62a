// Makes a fresh clone ready: installs the dependencies when they are missing or older than package-lock.json, and
// checks that the Node which runs everything else is new enough. Plain JavaScript for the Node of the machine, 20
// or newer; everything else runs on the Node in node_modules/.bin, which npm puts first in the PATH of its scripts.
// It writes to stderr alone: stdout belongs to the command that follows.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LOCK = join(ROOT, 'package-lock.json');
const BIN = join(ROOT, 'node_modules', '.bin');
// npm writes this file at the very end of an installation, so a broken-off one does not count.
const INSTALLED = join(ROOT, 'node_modules', '.package-lock.json');
const STAMP = join(ROOT, 'node_modules', '.hgcache-setup');
const MIN_NODE_FOR_NPM = [20, 0];
const MIN_NODE = [22, 18];

const [major, minor] = numbers(process.versions.node);
if (!isAtLeast([major, minor], MIN_NODE_FOR_NPM)) {
  fail(
    `Node ${process.versions.node} is too old: install Node 20 or newer (https://nodejs.org) and try again.`,
  );
}
if (isStale()) install();
checkNode();

/** Whether what is installed is not what package-lock.json asks for. */
function isStale() {
  if (!existsSync(INSTALLED)) return true;
  const hash = lockHash();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === hash) return false;
  if (statSync(LOCK).mtimeMs > statSync(INSTALLED).mtimeMs) return true;
  // Installed by hand after the lock file was last changed.
  writeFileSync(STAMP, hash);
  return false;
}

function install() {
  process.stderr.write('Installing dependencies (npm ci) ...\n');
  const flags = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  // The Node of the machine may be older than `engines` asks for: it only starts the newer one.
  flags.push('--loglevel=error', '--engine-strict=false');
  // Not the Node in node_modules: npm is about to delete it.
  const { npm_execpath: npm, npm_node_execpath: node } = process.env;
  const options = { cwd: ROOT, stdio: ['ignore', 2, 2] };
  const result = npm
    ? spawnSync(node ?? process.execPath, [npm, ...flags], options)
    : spawnSync('npm', flags, { ...options, shell: process.platform === 'win32' });
  if (result.error)
    fail(`npm could not be started (${result.error.message}): is it installed and in the PATH?`);
  if (result.status !== 0) {
    fail(
      'npm ci failed, see above. It needs the network once; behind a proxy, check `npm config get registry`.',
    );
  }
  writeFileSync(STAMP, lockHash());
}

/** Checks the Node that the scripts after this one get, and drops the bundled one where it cannot run. */
function checkNode() {
  let version = nodeVersion();
  if (version === undefined) {
    // A musl system, for example: the bundled binary is built for glibc.
    rmSync(join(BIN, 'node'), { force: true });
    version = nodeVersion();
  }
  if (version === undefined) fail('no `node` in the PATH can be run.');
  if (!isAtLeast(numbers(version), MIN_NODE)) {
    fail(
      `Node ${version} is too old here: there is no bundled Node for ${process.platform}-${process.arch}, ` +
        'so install Node 22.18 or newer (https://nodejs.org) and try again.',
    );
  }
}

function nodeVersion() {
  const result = spawnSync('node', ['--print', 'process.versions.node'], {
    encoding: 'utf8',
    env: { ...process.env, PATH: BIN + delimiter + process.env.PATH },
  });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

function lockHash() {
  return createHash('sha256').update(readFileSync(LOCK)).digest('hex');
}

function numbers(version) {
  return version.split('.').map(Number);
}

function isAtLeast([major, minor], [wantedMajor, wantedMinor]) {
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function fail(message) {
  process.stderr.write(`hgcache: ${message}\n`);
  process.exit(1);
}
