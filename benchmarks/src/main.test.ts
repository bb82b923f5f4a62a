// The command of the benchmarks as it is called: what it refuses, and the form of what it prints.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

function bench(...args: string[]) {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
}

test.each([
  [[], 'which suite?'],
  [['locale'], 'there is no suite "locale"'],
  [['local', 'placement'], 'one suite at a time'],
  [['local', '--quickly'], "Unknown option '--quickly'"],
])('%j is refused with the list of suites', (args, message) => {
  const { status, stdout, stderr } = bench(...args);
  expect(status).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain(message);
  expect(stderr).toMatch(/^ {2}local {2,}/m);
  expect(stderr).toMatch(/^ {2}placement {2,}/m);
});

test.each(['--help', '-h'])('%s prints the usage, and that is no failure', (flag) => {
  const { status, stdout, stderr } = bench(flag);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^usage: npm run -s bench -- <suite>/);
});

test('local prints a table, and with --json its rows on the last line', { timeout: 60_000 }, () => {
  const { status, stdout } = bench('local', '--quick', '--json');
  expect(status).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  const { rows, ...head } = JSON.parse(lines.at(-1) ?? '');
  expect(head).toEqual({ suite: 'local', node: process.version, cpus: expect.any(Number) });
  const names = ['getIfPresent, bytes', 'getIfPresent, string', 'getIfPresent, JSON'];
  names.push('await get, bytes', 'await get, string', 'await get, JSON');
  expect(rows.map((row: { name: string }) => row.name)).toEqual(names);
  for (const row of rows) {
    expect(Object.keys(row)).toEqual(['name', 'unit', 'value', 'against', 'ratio', 'goal', 'met', 'note']);
    expect(row.value).toBeGreaterThan(0);
    expect(lines.some((line) => line.startsWith(row.name))).toBe(true);
  }
});
