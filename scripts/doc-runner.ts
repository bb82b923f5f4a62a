// Runs the marked code blocks of a document in a folder of their own, as a reader would type them.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DocBlock } from './doc-blocks.ts';
import { findFreePorts, waitForListener } from './ports.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BIN = join(ROOT, 'node_modules/.bin');
const END_WITH_PARENT = new URL('./end-with-parent.mjs', import.meta.url).href;

const BLOCK_TIMEOUT_MS = 30_000;
const LISTEN_TIMEOUT_MS = 15_000;

/** A port where a document names one: after an address, or as a setting. */
const PORT = /(?<=(?:localhost|127\.0\.0\.1|0\.0\.0\.0):|port[:=] ?)\d{4,5}\b/g;

/** The types of a program in a document are checked as strictly as our own. */
const TSCONFIG = {
  extends: join(ROOT, 'tsconfig.base.json'),
  compilerOptions: {
    composite: false,
    declaration: false,
    declarationMap: false,
    isolatedDeclarations: false,
    noEmit: true,
    sourceMap: false,
    typeRoots: [join(ROOT, 'node_modules/@types')],
  },
};

/** Runs the blocks of one document, one after another. */
export class DocRunner {
  /** Inside the repository, so that `import 'hgcache'` finds the package; git ignores it. */
  readonly #folder: string;
  readonly #ports = new Map<string, number>();
  readonly #servers: ChildProcess[] = [];

  constructor() {
    mkdirSync(join(ROOT, '.demo'), { recursive: true });
    this.#folder = mkdtempSync(join(ROOT, '.demo/docs-'));
    this.#write('package.json', '{ "type": "module" }\n');
  }

  /** Rejects with what went wrong, and with what the block printed. */
  async run(block: DocBlock): Promise<void> {
    const text = await this.#withFreePorts(block.text);
    if (block.kind === 'file') this.#write(block.name, `${text}\n`);
    else if (block.kind === 'server') this.#start(text);
    else {
      await this.#waitForPorts(text);
      const printed = block.language === 'ts' ? this.#runTypeScript(text, block.line) : this.#runShell(text);
      const expected = block.output === undefined ? undefined : await this.#withFreePorts(block.output);
      if (expected !== undefined && printed.trim() !== expected.trim()) {
        throw new Error(`printed\n${printed.trim()}\ninstead of\n${expected.trim()}`);
      }
    }
  }

  /** Stops the servers of the document and removes its folder. */
  async stop(): Promise<void> {
    for (const server of this.#servers) {
      if (server.exitCode !== null || server.signalCode !== null) continue;
      const ended = new Promise((resolve) => server.once('exit', resolve));
      // The shell and what it has started form a group.
      process.kill(-(server.pid as number), 'SIGTERM');
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #runTypeScript(text: string, line: number): string {
    const name = `line-${line}.ts`;
    this.#write(name, `${text}\n`);
    this.#write('tsconfig.json', JSON.stringify({ ...TSCONFIG, files: [name] }));
    this.#call(join(BIN, 'tsc'), ['-p', 'tsconfig.json']);
    return this.#call(process.execPath, [name]);
  }

  #runShell(text: string): string {
    return this.#call('sh', ['-euc', text]);
  }

  #call(command: string, args: readonly string[]): string {
    const result = spawnSync(command, args, {
      cwd: this.#folder,
      encoding: 'utf8',
      env: this.#environment(),
      timeout: BLOCK_TIMEOUT_MS,
    });
    if (result.status === 0) return result.stdout;
    const how = result.error?.message ?? `exit code ${result.status}`;
    throw new Error(`${how}\n${result.stdout}${result.stderr}`);
  }

  #start(text: string): void {
    const env = { ...this.#environment(), NODE_OPTIONS: `--import=${END_WITH_PARENT}` };
    const server = spawn('sh', ['-euc', `exec ${text}`], {
      cwd: this.#folder,
      env,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      detached: true,
    });
    this.#servers.push(server);
  }

  /** A server that was started a moment ago may not listen yet. */
  async #waitForPorts(text: string): Promise<void> {
    if (this.#servers.length === 0) return;
    const signal = AbortSignal.timeout(LISTEN_TIMEOUT_MS);
    for (const [port] of text.matchAll(PORT)) {
      if (!(await waitForListener(Number(port), signal))) throw new Error(`nothing listens on port ${port}`);
    }
  }

  /** Documents name fixed ports, which may be taken here: every one stands for the same free one throughout. */
  async #withFreePorts(text: string): Promise<string> {
    for (const [port] of text.matchAll(PORT)) {
      if (!this.#ports.has(port)) this.#ports.set(port, (await findFreePorts(1))[0] as number);
    }
    return text.replaceAll(PORT, (port) => String(this.#ports.get(port)));
  }

  /** With the commands in the PATH that a reader has after `npm install`, `hgcache` among them. */
  #environment(): NodeJS.ProcessEnv {
    return { ...process.env, PATH: BIN + delimiter + process.env['PATH'] };
  }

  #write(name: string, text: string): void {
    const file = join(this.#folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
