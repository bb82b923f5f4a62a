// ConfigProblems: everything that is wrong with a configuration, told at once.

import { ConfigError } from 'hgcache';

/** One thing that is wrong. */
export interface Problem {
  /** What is wrong, beginning with the key it is about, e.g. `http.port: must be a number …`. */
  readonly message: string;
  /** Where the wrong value came from: a flag, an environment variable, or a file with its line. */
  readonly where?: string;
}

/** The configuration cannot be used; `problems` has at least one item. */
export class ConfigProblems extends ConfigError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const lines = problems.map(
      ({ message, where }) => `  ${message}${where === undefined ? '' : ` (${where})`}`,
    );
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    super(`${count} in the configuration:\n${lines.join('\n')}`);
    this.problems = problems;
  }
}

/** A key the way that people write it: `groups[0].source.values["a b"]`. */
export function formatPath(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[\w-]+$/.test(String(part))) text += `${text && '.'}${String(part)}`;
    else text += `[${JSON.stringify(String(part))}]`;
  }
  return text;
}
