// Tests of the command, each as a process of its own.

import { type ChildProcess, type ChildProcessByStdio, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, copyFileSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

const CLI = fileURLToPath(new URL('./cli.ts', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'hgcache-cli-'));
const children = new Set<ChildProcess>();
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(dir, { recursive: true });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Running {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<Ended>;
  /** The first match of what it writes to standard output. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
}

function spawnServer(
  args: readonly string[],
  stdio: StdioOptions,
  variables: Readonly<Record<string, string>> = {},
): ChildProcess {
  const child = spawn(process.execPath, ['--conditions=hgcache:source', CLI, ...args], {
    cwd: dir,
    env: { PATH: process.env['PATH'], ...variables },
    stdio,
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

function hgcache(args: readonly string[], variables: Readonly<Record<string, string>> = {}): Running {
  const stdio = ['ignore', 'pipe', 'pipe'] as const;
  const child = spawnServer(args, [...stdio], variables) as ChildProcessByStdio<null, Readable, Readable>;
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk) => {
      written[name] += chunk;
    });
  }
  const ended = once(child, 'close').then(([code]) => ({ code, ...written }));
  return {
    child,
    ended,
    line: async (pattern) => {
      for (;;) {
        const match = pattern.exec(written.stdout);
        if (match) return match;
        if (child.exitCode !== null)
          throw new Error(`it ended without ${pattern}: ${JSON.stringify(await ended)}`);
        await Promise.race([once(child.stdout, 'data'), ended]);
      }
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}

/** Resolves when the URL answers. */
async function answering(url: string): Promise<void> {
  while (!(await fetch(url).catch(() => undefined))) await new Promise((resolve) => setTimeout(resolve, 20));
}

function write(name: string, text: string): string {
  writeFileSync(join(dir, name), text);
  return name;
}

const CONFIG = write(
  'cache.yaml',
  `app: { is_start_http: true }
http: { host: 127.0.0.1, port: 0 }
source: { type: static, values: { Tom: "630" } }
groups: [{ name: test, maxBytes: 2048 }]
`,
);
write(
  'loader.js',
  `export function load(key) {
  if (key === 'throw') setTimeout(() => { throw new Error('a stray exception'); });
  if (key === 'reject') Promise.reject(new Error('a stray rejection'));
  if (key === 'hang') return new Promise(() => {});
  return 'value';
}
`,
);
const MODULE_CONFIG = write(
  'module.yaml',
  `app: { is_start_http: true }
http: { host: 127.0.0.1, port: 0 }
source: { type: module, path: ./loader.js }
groups: [{ name: test, maxBytes: 2048 }]
`,
);
const GATEWAY = /gateway listening at (http:\/\/[^\s"]+)/;

async function gatewayOf(running: Running): Promise<string> {
  const [, url = ''] = await running.line(GATEWAY);
  return url;
}

describe('what is asked and answered', () => {
  test.concurrent('--help', async () => {
    const { code, stdout, stderr } = await hgcache(['--help', '--config=nope.yaml', 'serve']).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^hgcache: .*\n\nUsage: hgcache --config=<file> \[flags\]\n/);
  });

  test.concurrent('--version', async () => {
    const { code, stdout } = await hgcache(['-v']).ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^hgcache \d+\.\d+\.\d+\nbuilt {3}.+\ncommit {2}.+\nnode {4}\d+\.\d+\.\d+\n$/);
  });

  test.concurrent('a wrong configuration ends with 2 and every problem', async () => {
    const file = write('wrong.yaml', 'groups: [{ name: a, maxBytes: 12 parsecs }]\n');
    const { code, stdout, stderr } = await hgcache(['-c', file, '--http.port=abc']).ended;
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(`hgcache: 4 problems in the configuration:
  http.port: must be a number from 0 to 65535, not "abc" (--http.port)
  groups[0].maxBytes: "12 parsecs" is not a size, e.g. 64MiB (wrong.yaml:1)
  groups[0].source: is missing; give the group a source, or all groups one at the top level (wrong.yaml:1)
  app.is_start_http: is false and there are no peers, so nobody could reach this server; set one of the two (wrong.yaml:1)
`);
  });

  test.concurrent('a source that cannot be opened is a wrong configuration', async () => {
    const file = write(
      'no-database.yaml',
      `app: { is_start_http: true }
source: { type: sqlite, file: missing.db, query: SELECT v FROM t WHERE k = ? }
groups: [{ name: test, maxBytes: 2048 }]
`,
    );
    const { code, stderr } = await hgcache(['-c', file, '--http.port=0']).ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^hgcache: a problem in the configuration:\n {2}the source of test: .*missing\.db.*\n$/,
    );
  });

  test.concurrent('a port in use ends with 1 and one line without a stack', async () => {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const { code, stdout, stderr } = await hgcache(['-c', CONFIG, `--http.port=${port}`]).ended;
    server.close();
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout.trim().split('\n')).toHaveLength(1);
    const message = `could not start: cannot listen on 127.0.0.1:${port} (http.host, http.port): the port is in use`;
    expect(JSON.parse(stdout)).toMatchObject({ level: 60, msg: message });
    expect(stdout).not.toContain('stack');
  });

  test.concurrent('a silent log still leaves word of why it cannot start', async () => {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const { code, stdout, stderr } = await hgcache([
      '-c',
      CONFIG,
      `--http.port=${port}`,
      '--log.level=silent',
    ]).ended;
    server.close();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^hgcache: could not start: cannot listen on .*: the port is in use\n$/);
  });

  test.concurrent('environment, file and flags work together', async () => {
    const running = hgcache(['--log.format=console', '--log.level=debug'], {
      HGCACHE_CONFIG: CONFIG,
      HGCACHE_LOG_LEVEL: 'silent',
      HGCACHE_GRPC_PORT: '1',
    });
    const url = await gatewayOf(running);
    expect(await (await fetch(`${url}/api?key=Tom`)).text()).toBe('630');
    expect(await (await fetch(`${url}/cache/api?key=Tom`)).json()).toEqual({ data: '630' });
    await running.line(/DEBUG: origin searched \{"group":"test","key":"Tom"\}\n[\s\S]*DEBUG: hit \{/);
    await running.line(/WARN: grpc is configured, but this version does not serve gRPC/);
    running.child.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
  });
});

test.concurrent('the file that npm links says that a build is missing', async () => {
  const bin = join(dir, 'package', 'bin');
  mkdirSync(bin, { recursive: true });
  copyFileSync(fileURLToPath(new URL('../bin/hgcache.js', import.meta.url)), join(bin, 'hgcache.mjs'));
  const child = spawn(process.execPath, [join(bin, 'hgcache.mjs'), '--version'], { stdio: 'pipe' });
  const [[code], [text]] = await Promise.all([once(child, 'close'), once(child.stderr, 'data')]);
  expect(code).toBe(1);
  expect(String(text)).toBe('hgcache: not built yet; run `npm run build` at the top of the repository\n');
});

describe('how it ends', () => {
  test.concurrent('without anyone who reads what it writes, SIGHUP stops it with 0', async () => {
    const running = hgcache(['-c', CONFIG, '--log.level=debug']);
    const url = await gatewayOf(running);
    running.child.stdout.destroy();
    running.child.stderr.destroy();
    expect(await (await fetch(`${url}/api?key=Tom`)).text()).toBe('630');
    running.child.kill('SIGHUP');
    expect(await once(running.child, 'exit')).toEqual([0, null]);
  });

  test.concurrent('where nothing can be written, SIGHUP stops it with 0', async () => {
    const port = await freePort();
    const full = openSync('/dev/full', 'w');
    const child = spawnServer(['-c', CONFIG, `--http.port=${port}`], ['ignore', full, full]);
    closeSync(full);
    await answering(`http://127.0.0.1:${port}/healthz`);
    child.kill('SIGHUP');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test.concurrent('a reader who stalls does not hold it up', async () => {
    const running = hgcache(['-c', CONFIG, '--log.level=debug']);
    const url = await gatewayOf(running);
    running.child.stdout.pause();
    // Each request leaves lines with its key: together they are more than a pipe and the buffers take.
    const key = 'k'.repeat(1024);
    for (let request = 0; request < 600; request++) await fetch(`${url}/api?key=${key}`);
    running.child.kill('SIGTERM');
    expect(await once(running.child, 'exit')).toEqual([0, null]);
  });

  test.concurrent.each(['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP'] as const)(
    '%s stops it with 0',
    async (signal) => {
      const running = hgcache(['-c', CONFIG]);
      await gatewayOf(running);
      running.child.kill(signal);
      const { code, stdout } = await running.ended;
      expect(code).toBe(0);
      const messages = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).msg);
      expect(messages.slice(-2)).toEqual([`${signal}: stopping`, 'stopped']);
    },
  );

  test.concurrent('a stop that takes more than 30 s is given up', async () => {
    // Where time runs thirty times as fast, and a server never tells that it has been closed.
    const preload = write(
      'hanging.mjs',
      `import { Server } from 'node:http';
       const { setTimeout } = globalThis;
       globalThis.setTimeout = (call, ms, ...rest) => setTimeout(call, ms / 30, ...rest);
       Server.prototype.close = () => {};`,
    );
    const running = hgcache(['-c', CONFIG], { NODE_OPTIONS: `--import=${join(dir, preload)}` });
    await gatewayOf(running);
    running.child.kill('SIGTERM');
    const [code, signal] = await once(running.child, 'exit');
    expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' });
    expect((await running.ended).stdout).toContain('not stopped within 30 s: giving up');
  });

  test.concurrent('a second signal ends it at once, with 1', async () => {
    const running = hgcache(['-c', MODULE_CONFIG]);
    const url = await gatewayOf(running);
    const answer = fetch(`${url}/api?key=hang`).catch(() => 'no answer');
    // A request that is under way holds the stop up; this one is when the next has been answered.
    await fetch(`${url}/api?key=other`);
    running.child.kill('SIGINT');
    await running.line(/SIGINT: stopping/);
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 1, stdout: expect.stringContaining('ending at once') });
    expect(await answer).toBe('no answer');
  });

  test.concurrent.each([
    ['throw', 'uncaught exception: stopping', 'a stray exception'],
    ['reject', 'unhandled rejection: stopping', 'a stray rejection'],
  ])('a stray error (%s) in a loader is logged, and it stops with 1', async (key, message, reason) => {
    const running = hgcache(['-c', MODULE_CONFIG]);
    const url = await gatewayOf(running);
    await fetch(`${url}/api?key=${key}`).catch(() => undefined);
    const { code, stdout } = await running.ended;
    expect(code).toBe(1);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toContainEqual(expect.objectContaining({ level: 60, msg: message }));
    expect(lines.find(({ msg }) => msg === message).err.message).toBe(reason);
    expect(lines.at(-1).msg).toBe('stopped');
  });
});
