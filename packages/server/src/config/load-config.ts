// loadConfig: flags over environment over file over defaults, checked and completed.

import { dirname, resolve } from 'node:path';
import type { CommandLine } from './command-line.ts';
import type { Config } from './config.ts';
import { type ConfigFile, readConfigFile } from './config-file.ts';
import { ConfigProblems, formatPath, type Problem } from './config-problems.ts';
import { readEnvironment } from './environment.ts';
import { type FileConfig, fileSchema, isAboutTheWhole } from './file-schema.ts';
import { CONFIG_VARIABLE, FLAG_SETTINGS, flagOf, readSetting, variableOf } from './settings.ts';

/** What `loadConfig` found. */
export interface LoadedConfig {
  readonly config: Config;
  /** What is allowed and has no effect, for the log. */
  readonly warnings: readonly string[];
}

/** Where a configuration comes from. */
export interface ConfigSources {
  readonly commandLine: CommandLine;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** What the path of the configuration file is relative to. */
  readonly workingDir: string;
}

/** Throws {@link ConfigProblems} with everything that is wrong. Reads the configuration file, and nothing else. */
export function loadConfig({ commandLine, variables, workingDir }: ConfigSources): LoadedConfig {
  const environment = readEnvironment(variables);
  const fileName = commandLine.configFile ?? environment.configFile;
  const filePath = fileName === undefined ? undefined : resolve(workingDir, fileName);
  const file = filePath === undefined ? undefined : readConfigFile(filePath, fileName as string);
  const early = [...commandLine.problems, ...(file?.problems ?? [])];
  const isFileRead = file === undefined || file.problems.length === 0;

  const origins = new Map<string, string>();
  const merged = { tree: file?.content ?? {} };
  for (const setting of FLAG_SETTINGS) {
    const { path, kind } = setting;
    const flagText = commandLine.texts.get(path);
    const text = flagText ?? environment.texts.get(path);
    if (text === undefined) continue;
    origins.set(path, flagText === undefined ? variableOf(setting) : `--${flagOf(setting)}`);
    merged.tree = withValue(merged.tree, path.split('.'), readSetting(kind, text));
  }

  const checked = fileSchema.safeParse(merged.tree);
  const problems = (checked.error?.issues ?? [])
    // Of a configuration without its file, only what flags and variables say can be wrong.
    .filter((issue) => isFileRead || (originOf(formatPath(issue.path)) && !isAboutTheWhole(issue)))
    .map(({ path, message }) => problemAt(path, message));
  if (early.length + problems.length > 0) throw new ConfigProblems([...early, ...problems]);
  const content = checked.data as FileConfig;
  return {
    config: { ...content, baseDir: filePath === undefined ? workingDir : dirname(filePath) },
    warnings: [...environment.warnings, ...unservedSections(merged.tree)],
  };

  /** The flag or the variable that a key's value came from. */
  function originOf(key: string): string | undefined {
    const isPartOf = (path: string) => `${key}.`.startsWith(`${path}.`) || key.startsWith(`${path}[`);
    return [...origins].find(([path]) => isPartOf(path))?.[1];
  }

  function problemAt(path: readonly PropertyKey[], message: string): Problem {
    const key = formatPath(path);
    const where = originOf(key) ?? whereInFile(file, path);
    return { message: key === '' ? message : `${key}: ${message}`, ...(where !== undefined && { where }) };
  }
}

function whereInFile(file: ConfigFile | undefined, path: readonly PropertyKey[]): string | undefined {
  if (file) return file.locate(path);
  return path[0] === 'groups' ? `no configuration file was named: --config or ${CONFIG_VARIABLE}` : undefined;
}

/** A copy of the tree with a value at a path. What stands in its way and is no map stays: the schema refuses it. */
function withValue(tree: unknown, path: readonly string[], value: unknown): object {
  const [key, ...rest] = path as [string, ...string[]];
  if (tree !== undefined && tree !== null && (typeof tree !== 'object' || Array.isArray(tree)))
    return tree as object;
  const map = (tree ?? {}) as Readonly<Record<string, unknown>>;
  return { ...map, [key]: rest.length === 0 ? value : withValue(map[key], rest, value) };
}

function unservedSections(tree: unknown): string[] {
  const { grpc, etcd } = tree as { readonly grpc?: unknown; readonly etcd?: unknown };
  return [
    ...(grpc ? ['grpc is configured, but this version does not serve gRPC: the setting has no effect'] : []),
    ...(etcd ? ['etcd is configured, but this version does not use etcd: the setting has no effect'] : []),
  ];
}
