// The logger: lines for people on a terminal, and JSON for machines everywhere else.

import { type DestinationStream, type Logger, pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { LogConfig, LogFormat } from './config/config.ts';
import { LogDestination } from './log-destination.ts';

/** Where a logger writes to. */
export interface LogOutput {
  /** Standard output by default. */
  readonly stream?: DestinationStream;
  /** Whether people read along: decides the format where the configuration does not. */
  readonly isTerminal: boolean;
}

/** Creates the logger of a process. Before an exit its destination is to be flushed. */
export function createLogger(name: string, config: LogConfig, output: LogOutput): Logger {
  const format: LogFormat = config.format ?? (output.isTerminal ? 'console' : 'json');
  const { level } = config;
  const stream = output.stream ?? new LogDestination(process.stdout);
  if (format === 'json') return pino({ name, level }, stream);
  // The function alone: pino-pretty's stream and its thread could not be flushed.
  const prettify = prettyFactory({
    colorize: output.isTerminal,
    ignore: 'pid,hostname,name',
    singleLine: true,
    translateTime: 'SYS:yyyy-mm-dd HH:MM:ss.l',
  });
  return pino({ name, level }, { write: (line) => stream.write(prettify(line)) });
}

// Causes may form a circle.
const MAX_CAUSES = 5;

/** What went wrong in one line: the message, and those of the causes that add something. */
export function reasonOf(error: unknown): string {
  const messages: string[] = [];
  let each = error;
  for (let depth = 0; depth < MAX_CAUSES && each !== undefined; depth++) {
    const message = each instanceof Error ? each.message : String(each);
    if (!messages.some((before) => before.includes(message))) messages.push(message);
    each = each instanceof Error ? each.cause : undefined;
  }
  return messages.join(': ');
}
