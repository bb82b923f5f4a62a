// The command `hgcache`: reads its flags, runs a server until a signal comes, and ends with an exit code.

import { ConfigError, HgCacheError } from 'hgcache';
import type { Logger } from 'pino';
import { parseCommandLine } from './config/command-line.ts';
import type { Config } from './config/config.ts';
import { helpText } from './config/help.ts';
import { type LoadedConfig, loadConfig } from './config/load-config.ts';
import { createLogger, reasonOf } from './logging.ts';
import { startServer } from './server.ts';
import { formatVersion, readVersion } from './version.ts';

const EXIT_FAILED = 1;
const EXIT_WRONG_CONFIG = 2;
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP'] as const;
const STOP_TIMEOUT_MS = 30_000;

main();

function main(): void {
  const commandLine = parseCommandLine(process.argv.slice(2));
  if (commandLine.isHelpAsked) process.stdout.write(helpText());
  else if (commandLine.isVersionAsked) process.stdout.write(formatVersion(readVersion()));
  else {
    let loaded: LoadedConfig;
    try {
      loaded = loadConfig({ commandLine, variables: process.env, workingDir: process.cwd() });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      refuse(error);
      return;
    }
    const { config, warnings } = loaded;
    const log = createLogger(config.app.name, config.log, { isTerminal: process.stdout.isTTY === true });
    for (const warning of warnings) log.warn(warning);
    run(config, log);
  }
}

/** Runs a server until the process ends. */
function run(config: Config, log: Logger): void {
  let exitCode = 0;
  let isStopping = false;
  const starting = startServer(config, log);

  async function stop(): Promise<void> {
    isStopping = true;
    const timer = setTimeout(() => {
      log.fatal(`not stopped within ${STOP_TIMEOUT_MS / 1000} s: giving up`);
      process.exit(EXIT_FAILED);
    }, STOP_TIMEOUT_MS);
    timer.unref();
    try {
      // A signal may come while the server is still starting.
      const server = await starting;
      await server.stop();
      log.info('stopped');
    } catch (error) {
      log.error({ err: error }, 'could not stop in order');
      exitCode = EXIT_FAILED;
    }
    process.exit(exitCode);
  }

  for (const signal of STOP_SIGNALS) {
    process.on(signal, () => {
      if (isStopping) {
        log.warn(`${signal} again: ending at once`);
        process.exit(EXIT_FAILED);
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

  starting.catch((error) => {
    if (isStopping) return;
    if (error instanceof ConfigError) {
      refuse(error);
      process.exit(EXIT_WRONG_CONFIG);
    }
    log.fatal(
      log.isLevelEnabled('debug') ? { err: error } : {},
      `could not start: ${error instanceof HgCacheError ? error.message : reasonOf(error)}`,
    );
    process.exit(EXIT_FAILED);
  });
}

function refuse(error: ConfigError): void {
  process.stderr.write(`hgcache: ${error.message}\n`);
  process.exitCode = EXIT_WRONG_CONFIG;
}
