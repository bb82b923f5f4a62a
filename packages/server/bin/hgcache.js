#!/usr/bin/env node
// Starts the command `hgcache` from what the build has made. It is committed, so that npm can link it before a build.

import { existsSync } from 'node:fs';

const cli = new URL('../dist/cli.js', import.meta.url);
if (existsSync(cli)) {
  await import(cli.href);
} else {
  console.error('hgcache: not built yet; run `npm run build` at the top of the repository');
  process.exitCode = 1;
}
