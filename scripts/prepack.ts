// Builds a package from nothing before npm packs it, in whose folder npm calls this: what the compiler left of sources
// that are gone must not be published.

import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const folder = process.cwd();
for (const built of ['dist', 'tsconfig.tsbuildinfo'])
  rmSync(join(folder, built), { recursive: true, force: true });
const { status, stdout } = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['-b'], {
  cwd: folder,
  encoding: 'utf8',
  shell: process.platform === 'win32',
});
if (status !== 0) {
  process.stderr.write(`${stdout}${basename(folder)} cannot be packed: it does not compile.\n`);
  process.exit(1);
}
if (basename(folder) === 'server') await import('./build-info.ts');
