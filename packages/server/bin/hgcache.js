#!/usr/bin/env node
// Starts the command `hgcache` from what the build has made. It is committed, so that npm can link it before a build,
// and plain enough for an old Node to say what it needs instead of failing somewhere inside.

import { existsSync } from 'node:fs';

const [major, minor] = process.versions.node.split('.').map(Number);
const cli = new URL('../dist/cli.js', import.meta.url);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`hgcache: Node ${process.versions.node} is too old: Node 22.18 or newer is needed`);
  process.exitCode = 1;
} else if (existsSync(cli)) {
  await import(cli.href);
} else {
  console.error('hgcache: not built yet; run `npm run build` at the top of the repository');
  process.exitCode = 1;
}
