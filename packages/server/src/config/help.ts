// What --help says, from the table of settings.

import {
  CONFIG_VARIABLE,
  flagOf,
  SETTING_SECTIONS,
  type Setting,
  type SettingKind,
  variableOf,
} from './settings.ts';

const PLACEHOLDERS: Readonly<Record<SettingKind, string>> = {
  text: '=<text>',
  number: '=<number>',
  boolean: '[=true|false]',
  list: '=<a,b,…>',
};

const INTRODUCTION = `hgcache: a distributed read-through cache as a service

Usage: hgcache --config=<file> [flags]

A flag overrides its environment variable, and that the configuration file. Groups and their sources stand in the
file alone, under groups and source; docs/configuration.md has every key.
`;

/** The text of --help, with a line feed at its end. */
export function helpText(): string {
  const lines = [INTRODUCTION, 'General:'];
  lines.push(
    ...entry('-c, --config=<file>', `the configuration file (YAML) [${CONFIG_VARIABLE}]`),
    ...entry('-h, --help', 'show this'),
    ...entry('-v, --version', 'show version, build time and commit'),
  );
  for (const { title, settings } of SETTING_SECTIONS) {
    const flags = settings.filter(({ kind }) => kind);
    if (flags.length > 0) lines.push('', `${title}:`, ...flags.flatMap(flagEntry));
  }
  lines.push(
    '',
    'Exit code: 0 after a stop by signal, 1 when it cannot start or fails, 2 for a wrong configuration.',
  );
  return `${lines.join('\n')}\n`;
}

function flagEntry(setting: Setting): string[] {
  const flag = `--${flagOf(setting)}${setting.kind ? PLACEHOLDERS[setting.kind] : ''}`;
  const byDefault = ['', '[]'].includes(setting.default) ? '' : ` (default ${setting.default})`;
  return entry(`    ${flag}`, `${setting.help}${byDefault} [${variableOf(setting)}]`);
}

function entry(flag: string, help: string): string[] {
  return [`  ${flag}`, `          ${help}`];
}
