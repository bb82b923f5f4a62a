// `npm start`: three nodes, one database and an API, and what happens between them when Tom's score is asked for.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DemoCluster, type DemoPorts, idOf } from './demo-cluster.ts';
import { KNOWN_SCORES, OTHER_PLAYERS } from './demo-database.ts';
import { Transcript } from './demo-transcript.ts';
import { whyPortIsUnusable } from './ports.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BUILD = fileURLToPath(new URL('./build.ts', import.meta.url));

const USAGE = `usage: npm start -- [--once] [--ports=8001,8002,8003] [--api-port=8791]

  --once      stop after the transcript, with exit code 0 when it was as it should be
  --ports     the ports on which the three nodes talk to each other
  --api-port  the port of the API
`;

const KEY = 'Tom';
const CALLERS = 3;

/** The nodes' last lines reach us through pipes, a moment after the answer. */
const LOG_DELAY_MS = 150;

// From here on it is bad enough to be why a node has ended: 50 is `error`.
const REASON_LEVEL = 50;

/** The reason of a stop that nobody asked for: the demo is over. */
const STOPPED = 'the demo is over';

/** The reason of a stop because nobody reads on, as in `npm start | head`. */
const UNREAD = 'nobody reads what the demo says';

/** Why the demo ends before it is done; the message is all that its user needs. */
class DemoError extends Error {}

interface DemoOptions extends DemoPorts {
  readonly isOnce: boolean;
}

async function main(): Promise<void> {
  const stopping = new AbortController();
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    stopping.abort(code === 'EPIPE' ? UNREAD : new DemoError(`Cannot write what happens: ${message}`));
  });
  process.stderr.on('error', () => {});
  const options = parseOptions(process.argv.slice(2));
  build();
  await assertPortsAreFree(options);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // A terminal and npm may both pass on the same Ctrl-C: once is enough.
    process.on(signal, () => stopping.abort());
  }
  const transcript = new Transcript();
  const lastWords = new Map<number, string>();
  const cluster = new DemoCluster(
    join(ROOT, '.demo', String(options.api)),
    options,
    await pickApiNode(options.peers),
    {
      onLog: (port, line) => {
        transcript.add(port, line);
        if (line.level >= REASON_LEVEL) lastWords.set(port, line.msg);
      },
      onText: (port, text) => lastWords.set(port, text),
      onEnd: (port, { how, isOwn }) => {
        if (stopping.signal.aborted) return;
        const why = isOwn && lastWords.has(port) ? `\n  ${lastWords.get(port)}` : '';
        stopping.abort(new DemoError(`Node ${port} has ended (${how}); stopping the others.${why}`));
      },
    },
  );
  try {
    await cluster.start(stopping.signal);
    await tell(cluster, transcript, stopping.signal);
    if (!options.isOnce) await stay(cluster, transcript, stopping.signal);
  } catch (error) {
    // What made it stop, where there is such a thing, made everything else fail.
    if (!stopping.signal.aborted) throw error;
  } finally {
    stopping.abort(STOPPED);
    await cluster.stop();
  }
  const { reason } = stopping.signal;
  if (reason instanceof DemoError) throw reason;
  if (reason === UNREAD) return;
  if (options.isOnce && reason !== STOPPED) throw new DemoError('Interrupted.');
  say('Stopped.');
}

/** Asks for Tom, at once and again, and shows what that made the nodes do. */
async function tell(cluster: DemoCluster, transcript: Transcript, signal: AbortSignal): Promise<void> {
  const { ports, apiNode, pids } = cluster;
  for (const [index, port] of ports.peers.entries()) {
    say(`hgcache node is running at ${idOf(port)} (process ${pids[index]})`);
  }
  say(
    `the API is running at http://127.0.0.1:${ports.api}, in node ${apiNode}: ${KEY} belongs to another one`,
  );

  say(`\n>>> ${CALLERS} callers ask for ${KEY} at once: curl "http://localhost:${ports.api}/api?key=${KEY}"`);
  const answers = await Promise.all(Array.from({ length: CALLERS }, () => cluster.ask(KEY, signal)));
  await show(transcript);
  say(`answers: ${answers.join(' ')}`);

  say('\n>>> and once more');
  answers.push(await cluster.ask(KEY, signal));
  await show(transcript);
  say(`answer: ${answers.at(-1)}`);

  const searches = transcript.count('origin searched');
  say(
    `\n${answers.length} answers, and the database was searched ${searches === 1 ? 'once' : `${searches} times`}.`,
  );
  if (searches !== 1 || answers.some((answer) => answer !== String(KNOWN_SCORES[KEY]))) {
    throw new DemoError(`That is not as it should be: ${KNOWN_SCORES[KEY]} each time, after one search.`);
  }
}

/** Says what to try, and shows what it does until the signal fires. */
async function stay({ ports }: DemoCluster, transcript: Transcript, signal: AbortSignal): Promise<void> {
  const api = `http://localhost:${ports.api}`;
  say(
    `
Try next, in another terminal:
  curl "${api}/api?key=Jack"                        a miss, then a hit
  curl "${api}/api?key=player-${OTHER_PLAYERS}"                one of ${OTHER_PLAYERS.toLocaleString('en-US')} more
  curl -i ${api}/v1/groups/test/keys/Sam            where it came from: Cache-Status
  curl -i -X DELETE ${api}/v1/groups/test/keys/Tom  forget it on every node
  curl ${api}/v1/cluster                            members and figures
The configuration of the nodes is in .demo/${ports.api}/. Ctrl-C stops everything.
`,
  );
  while (!signal.aborted) {
    for (const line of transcript.take()) say(line);
    await delay(LOG_DELAY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function show(transcript: Transcript): Promise<void> {
  await delay(LOG_DELAY_MS);
  for (const line of transcript.take()) say(line);
}

/** The last node that does not own Tom, so that there is something to see between two nodes. */
async function pickApiNode(ports: readonly number[]): Promise<number> {
  // Not at the top: the package has just been built.
  const { createBalancedPlacement } = await import('hgcache');
  const table = await createBalancedPlacement().place(ports.map((port) => ({ id: idOf(port) })));
  return ports.findLast((port) => idOf(port) !== table.ownerOf(KEY)?.id) as number;
}

function build(): void {
  const result = spawnSync(process.execPath, [BUILD, 'packages/server'], { encoding: 'utf8' });
  if (result.status !== 0) throw new DemoError(`The build failed:\n${result.stdout}${result.stderr}`);
}

async function assertPortsAreFree({ peers, api }: DemoPorts): Promise<void> {
  for (const port of [...peers, api]) {
    const why = await whyPortIsUnusable(port);
    if (why === undefined) continue;
    const reason = why === 'EADDRINUSE' ? 'is in use' : `cannot be used (${why})`;
    throw new DemoError(
      `Port ${port} ${reason}. Choose others, for example:\n` +
        '  npm start -- --ports=8101,8102,8103 --api-port=8891',
    );
  }
}

function parseOptions(args: readonly string[]): DemoOptions {
  const { values } = parse(args);
  if (values.help) {
    process.stdout.write(USAGE);
    process.exit(0);
  }
  const peers = values.ports.split(',').map(parsePort);
  const api = parsePort(values['api-port']);
  if (peers.length !== 3 || new Set([...peers, api]).size !== 4) {
    throw new DemoError(`--ports takes three ports, all different, and --api-port another one.\n\n${USAGE}`);
  }
  return { peers, api, isOnce: values.once };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        once: { type: 'boolean', default: false },
        ports: { type: 'string', default: '8001,8002,8003' },
        'api-port': { type: 'string', default: '8791' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new DemoError(`${(error as Error).message}\n\n${USAGE}`);
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new DemoError(`${JSON.stringify(text)} is not a port from 1 to 65535.\n\n${USAGE}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof DemoError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
