// The side of Go's groupcache, built from the sources that Debian packages.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('../go/local-hit', import.meta.url));
const GO_PATH = '/usr/share/gocode';

/** What the tables call it. */
export const GO_NAME = 'Go groupcache';

/** Builds the program, hands it to `use`, and deletes it; it is `undefined` where Go or the sources are missing. */
export async function withGoSide<R>(use: (program: string | undefined) => Promise<R>): Promise<R> {
  const folder = mkdtempSync(join(tmpdir(), 'hgcache-bench-'));
  try {
    return await use(build(join(folder, 'local-hit')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function build(program: string): string | undefined {
  if (!existsSync(join(GO_PATH, 'src/github.com/golang/groupcache/groupcache.go'))) return undefined;
  const env = { ...process.env, GO111MODULE: 'off', GOPATH: GO_PATH };
  const result = spawnSync('go', ['build', '-o', program, '.'], {
    cwd: SOURCE,
    env,
    stdio: ['ignore', 2, 2],
  });
  return result.status === 0 ? program : undefined;
}
