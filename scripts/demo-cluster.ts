// The cluster of the demo: three nodes that share a database, one of them with the API.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createScoresDatabase } from './demo-database.ts';
import { waitForListener } from './ports.ts';
import { type LogLine, type ProcessEnd, ServerProcess } from './server-process.ts';

const START_TIMEOUT_MS = 20_000;
const POLL_MS = 25;

/** Where everything listens, on 127.0.0.1. */
export interface DemoPorts {
  /** One for each node. */
  readonly peers: readonly number[];
  readonly api: number;
}

/** What the cluster reports while it runs. */
export interface DemoEvents {
  /** A line of the log of the node at this port. */
  readonly onLog: (port: number, line: LogLine) => void;
  /** Something that a node says beside its log. */
  readonly onText: (port: number, text: string) => void;
  /** A node has ended. */
  readonly onEnd: (port: number, end: ProcessEnd) => void;
}

/** Starts the nodes and stops them again, whatever happens to them. */
export class DemoCluster {
  readonly ports: DemoPorts;
  /** The node that has the API. */
  readonly apiNode: number;
  readonly #folder: string;
  readonly #events: DemoEvents;
  readonly #nodes: ServerProcess[] = [];

  constructor(folder: string, ports: DemoPorts, apiNode: number, events: DemoEvents) {
    this.#folder = folder;
    this.ports = ports;
    this.apiNode = apiNode;
    this.#events = events;
  }

  /** Resolves when all nodes listen and the API is ready; rejects with the signal's reason when it fires first. */
  async start(signal: AbortSignal): Promise<void> {
    mkdirSync(this.#folder, { recursive: true });
    createScoresDatabase(join(this.#folder, 'scores.db'));
    for (const port of this.ports.peers) {
      const file = join(this.#folder, `node-${port}.yaml`);
      writeFileSync(file, this.#configOf(port));
      this.#nodes.push(
        new ServerProcess({
          args: [`--config=${file}`],
          onLog: (line) => this.#events.onLog(port, line),
          onText: (text) => this.#events.onText(port, text),
          onEnd: (end) => this.#events.onEnd(port, end),
        }),
      );
    }
    const limit = AbortSignal.any([signal, AbortSignal.timeout(START_TIMEOUT_MS)]);
    for (const port of [...this.ports.peers, this.ports.api]) await waitForListener(port, limit);
    while (!limit.aborted && !(await this.#isReady())) await delay(POLL_MS);
    limit.throwIfAborted();
  }

  /** The id of the process of every node, in the order of their ports. */
  get pids(): readonly (number | undefined)[] {
    return this.#nodes.map((node) => node.pid);
  }

  /** What the API answers for a key. */
  async ask(key: string, signal: AbortSignal): Promise<string> {
    const url = `http://127.0.0.1:${this.ports.api}/api?key=${encodeURIComponent(key)}`;
    const response = await fetch(url, { signal });
    return response.text();
  }

  /** Resolves when no node is left. */
  async stop(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.stop()));
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await fetch(`http://127.0.0.1:${this.ports.api}/readyz`)).ok;
    } catch {
      return false;
    }
  }

  #configOf(port: number): string {
    const hasApi = port === this.apiNode;
    return [
      `app: { name: demo-${port}, is_start_http: ${hasApi} }`,
      ...(hasApi ? [`http: { host: 127.0.0.1, port: ${this.ports.api} }`] : []),
      'log: { level: debug }',
      'peers:',
      `  self: ${idOf(port)}`,
      `  members: [${this.ports.peers.map(idOf).join(', ')}]`,
      'source: { type: sqlite, file: ./scores.db, query: "SELECT score FROM scores WHERE name = ?" }',
      'groups:',
      '  - { name: test, maxBytes: 64MiB }',
      '',
    ].join('\n');
  }
}

/** What a node is called by the others: its base URL. */
export function idOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}
