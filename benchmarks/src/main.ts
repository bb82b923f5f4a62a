// `npm run -s bench -- <suite> [--quick] [--json]`: measures one suite, prints its table, and with --json one line of
// JSON after it.

import { parseArgs } from 'node:util';
import { formatJson, formatTable } from './report.ts';
import { SUITES } from './suites/index.ts';

const USAGE = [
  'usage: npm run -s bench -- <suite> [--quick] [--json]',
  '',
  ...Array.from(SUITES, ([name, suite]) => `  ${name.padEnd(12)}${suite.describes}`),
  '',
  '  --quick     ends within 45 s, with fewer and shorter rounds',
  '  --json      the last line of stdout is the result as JSON',
  '  --help      this',
].join('\n');

async function main(): Promise<void> {
  const { quick, json, name } = parseCommand();
  const suite = SUITES.get(name);
  if (suite === undefined) fail(name === '' ? 'which suite?' : `there is no suite ${JSON.stringify(name)}`);
  const rows = await suite.run({ quick, onProgress: (text) => process.stderr.write(`${name}: ${text}\n`) });
  console.log(`\n${formatTable(name, rows)}\n`);
  if (json) console.log(formatJson(name, rows));
}

function parseCommand(): { readonly quick: boolean; readonly json: boolean; readonly name: string } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(`${USAGE}\n`);
      process.exit(0);
    }
    if (positionals.length > 1) fail(`one suite at a time, not ${positionals.join(', ')}`);
    return { ...values, name: positionals[0] ?? '' };
  } catch (error) {
    fail((error as Error).message);
  }
}

function fail(message: string): never {
  process.stderr.write(`${message}\n\n${USAGE}\n`);
  process.exit(2);
}

await main();
