// Opens the sources of all groups, one for those that share it, and tells every problem at once.

import { ConfigError } from 'hgcache';
import type { Config, GroupConfig, SourceConfig } from './config/config.ts';
import { ConfigProblems, type Problem } from './config/config-problems.ts';
import { createSource } from './sources/create-source.ts';
import type { Source } from './sources/source.ts';

/** The open sources of a server. */
export interface OpenSources {
  of(group: GroupConfig): Source;
  close(): Promise<void>;
}

/** Rejects with {@link ConfigProblems} when a source cannot be opened, and then leaves none open. */
export async function openSources({ groups, baseDir }: Config): Promise<OpenSources> {
  const wanted = [...new Set(groups.map((group) => group.source))];
  const results = await Promise.allSettled(wanted.map((source) => createSource(source, baseDir)));
  const sources = new Map<SourceConfig, Source>();
  const problems: Problem[] = [];
  let failure: PromiseRejectedResult | undefined;
  for (const [index, source] of wanted.entries()) {
    const result = results[index] as PromiseSettledResult<Source>;
    if (result.status === 'fulfilled') sources.set(source, result.value);
    else if (result.reason instanceof ConfigError) {
      const names = groups.flatMap((group) => (group.source === source ? [group.name] : []));
      problems.push({ message: `the source of ${names.join(', ')}: ${result.reason.message}` });
    } else failure = result;
  }
  const close = async () => {
    await Promise.all([...sources.values()].map((source) => source.close()));
  };
  if (failure || problems.length > 0) {
    await close();
    throw failure ? failure.reason : new ConfigProblems(problems);
  }
  return { of: (group) => sources.get(group.source) as Source, close };
}
