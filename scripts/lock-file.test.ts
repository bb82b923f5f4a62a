// package-lock.json must serve `npm ci` on every platform, whichever machine it was last written on.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface LockedPackage {
  readonly resolved?: string;
  readonly link?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'));
const packages = new Map(Object.entries<LockedPackage>(lock.packages));

test('holds every dependency, those of other platforms too', () => {
  const missing: string[] = [];
  for (const [path, { dependencies, optionalDependencies }] of packages) {
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      if (!isLocked(path, name)) missing.push(`${name}, for ${path}`);
    }
  }
  // npm leaves out what the registry at hand does not have; then `npm ci` fails for everybody.
  expect(missing).toEqual([]);
});

test('names no registry, so that everybody uses the one that they have configured', () => {
  const foreign = [...packages.values()].filter(
    ({ link, resolved }) =>
      resolved !== undefined && link !== true && !resolved.startsWith('https://registry.npmjs.org/'),
  );
  expect(foreign).toEqual([]);
});

/** Whether Node would find the dependency: beside the package or in any folder above it. */
function isLocked(path: string, name: string): boolean {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    if (packages.has(`${folder}${folder === '' ? '' : '/'}node_modules/${name}`)) return true;
    if (folder === '') return false;
  }
}
