// `npm start` as its user sees it: the transcript, Ctrl-C, a node that dies, a port in use.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findFreePorts, whyPortIsUnusable } from './ports.ts';

const DEMO = fileURLToPath(new URL('./demo.ts', import.meta.url));
const FOLDER = fileURLToPath(new URL('../.demo/', import.meta.url));
const TIMEOUT = { timeout: 60_000 };

/** A demo on free ports, and what it has said so far. */
class Demo {
  readonly child: ChildProcess;
  #stdout = '';
  #stderr = '';

  constructor(args: readonly string[], stdout: 'pipe' | number = 'pipe') {
    this.child = spawn(process.execPath, [DEMO, ...args], { stdio: ['ignore', stdout, 'pipe'] });
    this.child.stdout?.on('data', (chunk) => {
      this.#stdout += chunk;
    });
    this.child.stderr?.on('data', (chunk) => {
      this.#stderr += chunk;
    });
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  async end(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'close');
    return this.child.exitCode;
  }

  async says(text: string): Promise<void> {
    while (!this.#stdout.includes(text)) {
      if (this.child.exitCode !== null) throw new Error(`it has ended: ${this.#stdout}${this.#stderr}`);
      await delay(20);
    }
  }
}

describe('the demo', () => {
  let ports: readonly number[] = [];
  let demo: Demo | undefined;

  beforeEach(async () => {
    ports = await findFreePorts(4);
  });

  afterEach(async () => {
    demo?.child.kill('SIGKILL');
    await allPortsAreFree();
    rmSync(join(FOLDER, String(ports[3])), { recursive: true, force: true });
  });

  /** Nobody is left who listens. Their ids would not tell here: a dead orphan may stay in the process table. */
  const allPortsAreFree = () =>
    expect
      .poll(async () => (await Promise.all(ports.map(whyPortIsUnusable))).filter(Boolean), {
        timeout: 10_000,
      })
      .toEqual([]);

  const portFlags = (): string[] => [`--ports=${ports.slice(0, 3)}`, `--api-port=${ports[3]}`];

  const start = (...args: string[]): Demo => {
    demo = new Demo([...portFlags(), ...args]);
    return demo;
  };

  test(
    'shows one peer request, one search of the database and a hit, and ends by itself',
    TIMEOUT,
    async () => {
      const running = start('--once');
      const { stdout, exitCode } = await run(running);
      expect(exitCode).toBe(0);
      const story = Array.from(stdout.matchAll(/^\d\d:\d\d:\d\d\.\d{3} (.*)$/gm), ([, text]) => text);
      expect(story.slice(0, 3)).toEqual([
        expect.stringMatching(/^\[node \d+\] pick peer http:\/\/127\.0\.0\.1:\d+$/),
        expect.stringMatching(/^\[node \d+\] GET test\/Tom$/),
        expect.stringMatching(/^\[SlowDB\] {4}search key Tom \(by node \d+\)$/),
      ]);
      // At the owner or, where the node with the API has kept a copy, there.
      expect(story.at(-1)).toMatch(/^\[node \d+\] hit Tom$/);
      expect(story.filter((text) => text?.includes('search'))).toHaveLength(1);
      expect(stdout).toContain('answers: 630 630 630');
      expect(stdout).toContain('4 answers, and the database was searched once.');
      expect(nodesOf(running)).toHaveLength(3);
      expect(nodesOf(running).filter(isAlive)).toEqual([]);
    },
  );

  test('answers on the API until Ctrl-C, which ends every process', TIMEOUT, async () => {
    const running = start();
    await running.says('Try next');
    const response = await fetch(`http://127.0.0.1:${ports[3]}/api?key=Sam`);
    expect(await response.text()).toBe('567');
    await running.says('search key Sam');
    expect(nodesOf(running).filter(isAlive)).toHaveLength(3);
    running.child.kill('SIGINT');
    // npm and the terminal may both pass it on.
    running.child.kill('SIGINT');
    expect(await running.end()).toBe(0);
    expect(nodesOf(running).filter(isAlive)).toEqual([]);
  });

  test(
    'says which node has died, without a reason that it does not know, and stops the others',
    TIMEOUT,
    async () => {
      const running = start();
      await running.says('Try next');
      const apiPort = / in node (\d+):/.exec(running.stdout)?.[1];
      const index = ports.indexOf(Number(apiPort));
      const pids = nodesOf(running);
      // The node with the API warns of a peer that does not answer, and that is not why it ends.
      const peer = pids[(index + 1) % 3] as number;
      process.kill(peer, 'SIGSTOP');
      await fetch(`http://127.0.0.1:${ports[3]}/v1/groups/test/keys/Sam`, { method: 'DELETE' });
      process.kill(pids[index] as number, 'SIGKILL');
      process.kill(peer, 'SIGCONT');
      expect(await running.end()).toBe(1);
      expect(running.stderr).toMatch(/^Node \d+ has ended \(signal SIGKILL\); stopping the others\.\n$/);
      expect(nodesOf(running).filter(isAlive)).toEqual([]);
    },
  );

  test('ends without a word when nobody reads on', TIMEOUT, async () => {
    const running = start();
    await running.says('hgcache node is running');
    running.child.stdout?.destroy();
    // Whatever is shown next finds nobody.
    const ask = setInterval(() => {
      fetch(`http://127.0.0.1:${ports[3]}/api?key=Jack`).catch(() => {});
    }, 100);
    expect(await running.end()).toBe(0);
    clearInterval(ask);
    expect(running.stderr).toBe('');
  });

  test.runIf(existsSync('/dev/full'))('says in a line why it cannot write', TIMEOUT, async () => {
    const full = openSync('/dev/full', 'w');
    demo = new Demo([...portFlags(), '--once'], full);
    closeSync(full);
    expect(await demo.end()).toBe(1);
    expect(demo.stderr).toMatch(/^Cannot write what happens: ENOSPC.*\n$/);
  });

  test('leaves no node behind when it is killed itself', TIMEOUT, async () => {
    const running = start();
    await running.says('Try next');
    running.child.kill('SIGKILL');
    await running.end();
    await allPortsAreFree();
  });

  test.each([1, 3])('names port %i when it is in use, and how to choose others', TIMEOUT, async (index) => {
    const blocker = createServer().listen(ports[index], '127.0.0.1');
    await once(blocker, 'listening');
    try {
      const { stdout, stderr, exitCode } = await run(start('--once'));
      expect(exitCode).toBe(1);
      expect(stdout).toBe('');
      expect(stderr).toBe(
        `Port ${ports[index]} is in use. Choose others, for example:\n` +
          '  npm start -- --ports=8101,8102,8103 --api-port=8891\n',
      );
    } finally {
      blocker.close();
    }
  });

  test.each([
    ['--ports=8001,8002', '--ports takes three ports'],
    ['--ports=8001,8001,8002', 'all different'],
    ['--api-port=web', '"web" is not a port'],
    ['--api-port=65536', '"65536" is not a port'],
    ['--twice', "Unknown option '--twice'"],
  ])('refuses %s', async (flag, message) => {
    demo = new Demo([flag]);
    const { stderr, exitCode } = await run(demo);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).toContain('usage: npm start');
  });
});

async function run(demo: Demo): Promise<{ stdout: string; stderr: string; exitCode: number | null }> {
  const exitCode = await demo.end();
  return { stdout: demo.stdout, stderr: demo.stderr, exitCode };
}

/** The ids of the processes that a demo has started. */
function nodesOf({ stdout }: Demo): number[] {
  return Array.from(stdout.matchAll(/\(process (\d+)\)/g), ([, pid]) => Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
