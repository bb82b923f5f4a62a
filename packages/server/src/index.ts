// The public names of the server, for programs that start it themselves.

export { parseCommandLine } from './config/command-line.ts';
export type {
  AppConfig,
  Config,
  CorsConfig,
  EvictionName,
  GroupConfig,
  HostAndPort,
  HttpConfig,
  HttpSourceConfig,
  LogConfig,
  LogFormat,
  LogLevel,
  ModuleSourceConfig,
  PeerDialect,
  PeersConfig,
  PlacementName,
  SourceConfig,
  SqliteSourceConfig,
  StaticSourceConfig,
} from './config/config.ts';
export { ConfigProblems, type Problem } from './config/config-problems.ts';
export { type ConfigSources, type LoadedConfig, loadConfig } from './config/load-config.ts';
export { createLogger, type LogOutput } from './logging.ts';
export { type RunningServer, startServer } from './server.ts';
