// Runs the code of the README, in both languages, and of every page in docs/.

import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDocBlocks } from './doc-blocks.ts';
import { DocRunner } from './doc-runner.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const documents = [...globSync('README*.md', { cwd: ROOT }), ...globSync('docs/**/*.md', { cwd: ROOT })];

const blocksOf = new Map(documents.map((name) => [name, parseDocBlocks(readFileSync(ROOT + name, 'utf8'))]));

test.each(['README.md', 'README.zh-CN.md'])('%s has code that is run', (name) => {
  expect(blocksOf.get(name)?.length).toBeGreaterThan(0);
});

for (const [name, blocks] of blocksOf) {
  if (blocks.length === 0) continue;
  describe(name, () => {
    let runner: DocRunner;
    beforeAll(() => {
      runner = new DocRunner();
    });
    afterAll(() => runner.stop());
    for (const block of blocks) {
      test(`line ${block.line}: ${block.kind}`, { timeout: 60_000 }, () => runner.run(block));
    }
  });
}
