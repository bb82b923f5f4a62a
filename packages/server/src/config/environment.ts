// The environment: which variables give settings.

import { closest } from './closest.ts';
import { CONFIG_VARIABLE, FLAG_SETTINGS, variableOf } from './settings.ts';

/** What the environment says. */
export interface Environment {
  readonly configFile?: string;
  /** The texts of the variables, by the path of their setting. */
  readonly texts: ReadonlyMap<string, string>;
  readonly warnings: readonly string[];
}

const PATHS = new Map(FLAG_SETTINGS.map((setting) => [variableOf(setting), setting.path]));

/**
 * Reads the variables that begin with `HGCACHE_`. An empty one counts as not set. An unknown one is no error, as
 * others set such variables too (Kubernetes does for a service named hgcache), but a slip of a known one is told.
 */
export function readEnvironment(variables: Readonly<Record<string, string | undefined>>): Environment {
  const texts = new Map<string, string>();
  const warnings: string[] = [];
  let configFile: string | undefined;
  for (const [name, value] of Object.entries(variables)) {
    if (!name.startsWith('HGCACHE_') || !value) continue;
    const path = PATHS.get(name);
    if (name === CONFIG_VARIABLE) configFile = value;
    else if (path !== undefined) texts.set(path, value);
    else {
      const meant = closest(name, [CONFIG_VARIABLE, ...PATHS.keys()]);
      if (meant) warnings.push(`the environment variable ${name} is not known; did you mean ${meant}?`);
    }
  }
  return { ...(configFile !== undefined && { configFile }), texts, warnings };
}
