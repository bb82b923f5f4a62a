// `npm run build`: compiles what has changed, everywhere or in the projects that it is given, and notes when.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const { status } = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['-b', ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
if (status !== 0) process.exit(1);
await import('./build-info.ts');
