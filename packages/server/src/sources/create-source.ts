// Makes the source that a group's configuration asks for.

import type { SourceConfig } from '../config/config.ts';
import { createHttpSource } from './http-source.ts';
import { createModuleSource } from './module-source.ts';
import type { Source } from './source.ts';
import { createSqliteSource } from './sqlite-source.ts';
import { createStaticSource } from './static-source.ts';

/**
 * Makes and opens a source; relative paths start at `baseDir`. Rejects with `ConfigError` when that cannot work: a
 * missing file, a query that SQLite refuses, a module without `load`, a URL without `{key}`.
 */
export async function createSource(config: SourceConfig, baseDir: string): Promise<Source> {
  switch (config.type) {
    case 'sqlite':
      return createSqliteSource(config, baseDir);
    case 'http':
      return createHttpSource(config);
    case 'module':
      return createModuleSource(config, baseDir);
    case 'static':
      return createStaticSource(config);
  }
}
