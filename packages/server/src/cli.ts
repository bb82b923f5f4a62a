// The command `hgcache`: reads its flags, runs a server until a signal comes, and ends with an exit code.

import { isatty } from 'node:tty';
import { ConfigError, HgCacheError } from 'hgcache';
import type { Logger } from 'pino';
import { parseCommandLine } from './config/command-line.ts';
import type { Config } from './config/config.ts';
import { helpText } from './config/help.ts';
import { type LoadedConfig, loadConfig } from './config/load-config.ts';
import { LogDestination } from './log-destination.ts';
import { createLogger, reasonOf } from './logging.ts';
import { startServer } from './server.ts';
import { formatVersion, readVersion } from './version.ts';

const EXIT_FAILED = 1;
const EXIT_WRONG_CONFIG = 2;
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP'] as const;
const STOP_TIMEOUT_MS = 30_000;
const FLUSH_TIMEOUT_MS = 1_000;

main();

function main(): void {
  // A terminal that was closed, or a pipe that nobody reads any more, must not end a stop in the middle.
  const output = new LogDestination(process.stdout);
  process.stderr.on('error', () => {});
  const commandLine = parseCommandLine(process.argv.slice(2));
  if (commandLine.isHelpAsked) output.write(helpText());
  else if (commandLine.isVersionAsked) output.write(formatVersion(readVersion()));
  else {
    let loaded: LoadedConfig;
    try {
      loaded = loadConfig({ commandLine, variables: process.env, workingDir: process.cwd() });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      complain(error.message);
      process.exitCode = EXIT_WRONG_CONFIG;
      return;
    }
    const { config, warnings } = loaded;
    const log = createLogger(config.app.name, config.log, { stream: output, isTerminal: isatty(1) });
    for (const warning of warnings) log.warn(warning);
    run(config, log, output);
  }
}

/** Runs a server until the process ends. */
function run(config: Config, log: Logger, output: LogDestination): void {
  let exitCode = 0;
  let isStopping = false;
  // What starts may wait for something that does not keep a process alive, and then it would end without a word.
  const alive = setInterval(() => {}, STOP_TIMEOUT_MS);
  const starting = startServer(config, log);

  async function exit(code: number): Promise<never> {
    // From here on a signal does what it does by default, should the process not get to its end.
    for (const signal of STOP_SIGNALS) process.removeAllListeners(signal);
    await output.flush(FLUSH_TIMEOUT_MS);
    process.exit(code);
  }

  async function stop(): Promise<void> {
    isStopping = true;
    setTimeout(() => {
      log.fatal(`not stopped within ${STOP_TIMEOUT_MS / 1000} s: giving up`);
      // What holds the stop up, a thread say, could hold process.exit up as well.
      void output.flush(FLUSH_TIMEOUT_MS).then(() => process.kill(process.pid, 'SIGKILL'));
    }, STOP_TIMEOUT_MS);
    try {
      // A signal may come while the server is still starting.
      const server = await starting;
      await server.stop();
      log.info('stopped');
    } catch (error) {
      log.error({ err: error }, 'could not stop in order');
      exitCode = EXIT_FAILED;
    }
    await exit(exitCode);
  }

  for (const signal of STOP_SIGNALS) {
    process.on(signal, () => {
      if (isStopping) {
        log.warn(`${signal} again: ending at once`);
        void exit(EXIT_FAILED);
        return;
      }
      log.info(`${signal}: stopping`);
      void stop();
    });
  }
  const fail = (what: string) => (error: unknown) => {
    log.fatal({ err: error }, what);
    exitCode = EXIT_FAILED;
    if (!isStopping) void stop();
  };
  process.on('uncaughtException', fail('uncaught exception: stopping'));
  process.on('unhandledRejection', fail('unhandled rejection: stopping'));

  starting.then(
    () => clearInterval(alive),
    (error) => {
      if (isStopping) return;
      if (error instanceof ConfigError) {
        complain(error.message);
        void exit(EXIT_WRONG_CONFIG);
        return;
      }
      const message = `could not start: ${error instanceof HgCacheError ? error.message : reasonOf(error)}`;
      if (log.isLevelEnabled('fatal')) log.fatal(message);
      else complain(message);
      void exit(EXIT_FAILED);
    },
  );
}

function complain(message: string): void {
  process.stderr.write(`hgcache: ${message}\n`);
}
