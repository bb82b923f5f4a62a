// The command line: which flags there are, and what was asked with them.

import { parseArgs } from 'node:util';
import { closest } from './closest.ts';
import type { Problem } from './config-problems.ts';
import { FLAG_SETTINGS, flagOf } from './settings.ts';

/** What stands on the command line. */
export interface CommandLine {
  readonly isHelpAsked: boolean;
  readonly isVersionAsked: boolean;
  readonly configFile?: string;
  /** The texts of the flags, by the path of their setting. */
  readonly texts: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
}

const SETTINGS = new Map(FLAG_SETTINGS.map((setting) => [flagOf(setting), setting]));
const OPTIONS = {
  config: { type: 'string', short: 'c' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  ...Object.fromEntries([...SETTINGS.keys()].map((flag) => [flag, { type: 'string' } as const])),
} as const;
const NAMES = Object.keys(OPTIONS);

/**
 * Reads the arguments behind the program's name, as the flags of the Go family are written: `--http.port=8091` or
 * `--http.port 8091`; a boolean one may stand alone. Of a flag that is given twice the last one counts, and the
 * items of a list add up. What is wrong is listed and never thrown.
 */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { tokens } = parseArgs({
    args: args.map((arg) => (isBareBoolean(arg) ? `${arg}=true` : arg)),
    options: OPTIONS,
    // Not `strict`, which stops at the first problem and takes no boolean with a value: the checks are below.
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const asked = new Set<string>();
  const texts = new Map<string, string>();
  const problems: Problem[] = [];
  let configFile: string | undefined;
  for (const token of tokens) {
    if (token.kind === 'positional') {
      problems.push({
        message: `${JSON.stringify(token.value)}: unexpected argument; there are only flags, see --help`,
      });
    }
    if (token.kind !== 'option') continue;
    const { name, rawName, inlineValue } = token;
    // `-c=file` is how Go programs read it; parseArgs gives `=file`.
    const value = rawName === '-c' ? token.value?.replace(/^=/, '') : token.value;
    if (!NAMES.includes(name)) {
      problems.push({ message: `${rawName}: unknown flag; ${hintFor(name)}` });
    } else if (name === 'help' || name === 'version') {
      if (value === undefined) asked.add(name);
      else problems.push({ message: `--${name}: takes no value` });
    } else if (value === undefined || (!inlineValue && value.startsWith('-'))) {
      problems.push({ message: `--${name}: needs a value, e.g. --${name}=…` });
    } else if (name === 'config' && value === '') {
      problems.push({ message: '--config: needs the name of a file' });
    } else if (name === 'config') {
      configFile = value;
    } else {
      const setting = SETTINGS.get(name);
      if (!setting) continue;
      const before = setting.kind === 'list' ? texts.get(setting.path) : undefined;
      texts.set(setting.path, before === undefined ? value : `${before},${value}`);
    }
  }
  return {
    isHelpAsked: asked.has('help'),
    isVersionAsked: asked.has('version'),
    ...(configFile !== undefined && { configFile }),
    texts,
    problems,
  };
}

function isBareBoolean(arg: string): boolean {
  return arg.startsWith('--') && SETTINGS.get(arg.slice(2))?.kind === 'boolean';
}

function hintFor(name: string): string {
  const meant = closest(name, NAMES);
  return meant === undefined ? 'see --help' : `did you mean --${meant}?`;
}
