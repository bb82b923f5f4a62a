// TCP ports on the loopback address: which are free, which are taken, and which listen by now.

import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const HOST = '127.0.0.1';
const POLL_MS = 25;

/** As many free ports as asked for. They are free now; whoever is quick may still take one. */
export async function findFreePorts(count: number): Promise<number[]> {
  // All are held until the last one is found, so that none is found twice.
  const servers = await Promise.all(Array.from({ length: count }, () => listen(0)));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map(close));
  return ports;
}

/** Why a port cannot be listened on, e.g. `EADDRINUSE` or `EACCES`; `undefined` where it can. */
export async function whyPortIsUnusable(port: number): Promise<string | undefined> {
  try {
    await close(await listen(port));
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

/** Resolves when something listens on the port; says `false` when the signal fires first. */
export async function waitForListener(port: number, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    if (await isListening(port)) return true;
    await delay(POLL_MS);
  }
  return false;
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, HOST);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function listen(port: number): Promise<Server> {
  const server = createServer().listen(port, HOST);
  await once(server, 'listening');
  return server;
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
