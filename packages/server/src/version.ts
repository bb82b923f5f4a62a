// Which version this is, when it was built, and of which commit.

import { existsSync, readFileSync } from 'node:fs';

/** What is known about this copy of the program. */
export interface VersionInfo {
  readonly version: string;
  /** When it was built, ISO 8601, and from which commit; absent when it runs from the sources. */
  readonly build?: BuildInfo;
}

/** What scripts/build-info.ts writes beside the compiled files. */
export interface BuildInfo {
  readonly builtAt: string;
  /** Absent when it was built outside of a git repository. */
  readonly commit?: string;
}

/** Reads it from package.json and from what the build has left. */
export function readVersion(): VersionInfo {
  const { version } = readJson(new URL('../package.json', import.meta.url)) as { readonly version: string };
  const buildInfo = new URL('./build-info.json', import.meta.url);
  return { version, ...(existsSync(buildInfo) && { build: readJson(buildInfo) as BuildInfo }) };
}

/** The text of --version, with a line feed at its end. */
export function formatVersion({ version, build }: VersionInfo): string {
  const lines = [
    `hgcache ${version}`,
    `built   ${build?.builtAt ?? 'not built: it runs from the sources'}`,
    `commit  ${build?.commit ?? 'unknown'}`,
    `node    ${process.versions.node}`,
  ];
  return `${lines.join('\n')}\n`;
}

function readJson(url: URL): unknown {
  return JSON.parse(readFileSync(url, 'utf8'));
}
