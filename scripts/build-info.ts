// Writes when and from which commit the server was built, for `hgcache --version`. It runs after the compiler.

import { spawnSync } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';

// `-dirty` at its end says that files have changed since; outside of a git repository there is none.
const { status, stdout } = spawnSync(
  'git',
  ['describe', '--always', '--dirty', '--abbrev=40', '--exclude=*'],
  {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  },
);
const builtAt = new Date().toISOString();
const info = { builtAt, ...(status === 0 && { commit: stdout.trim() }) };
const file = new URL('../packages/server/dist/build-info.json', import.meta.url);
// In one step, as a server may be starting at this moment.
const draft = new URL(`${file.href}.${process.pid}`);
writeFileSync(draft, `${JSON.stringify(info, null, 2)}\n`);
renameSync(draft, file);
