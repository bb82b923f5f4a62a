// Shows that code in the documents is really run: right examples pass, and wrong ones do not.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseDocBlocks } from './doc-blocks.ts';
import { DocRunner } from './doc-runner.ts';

const TICKS = '```';

describe('a document', () => {
  let runner: DocRunner;
  beforeEach(() => {
    runner = new DocRunner();
  });
  afterEach(() => runner.stop());

  const run = async (markdown: string): Promise<void> => {
    for (const block of parseDocBlocks(markdown)) await runner.run(block);
  };
  const fenced = (info: string, text: string) => `${TICKS}${info}\n${text}\n${TICKS}\n`;

  test('may have blocks that are only read', async () => {
    await run(fenced('sh', 'exit 1') + fenced('', 'exit 1'));
  });

  test('passes when its program prints what it says', async () => {
    const program = "import { ByteView } from 'hgcache';\n\nconsole.log(ByteView.from('630').length);";
    await run(fenced('ts run', program) + fenced('text output', '3'));
  });

  test('fails when its program prints something else', async () => {
    await expect(run(fenced('ts run', 'console.log(4);') + fenced('text output', '3'))).rejects.toThrow(
      'printed\n4\ninstead of\n3',
    );
  });

  test('fails when its program throws', async () => {
    await expect(run(fenced('ts run', "throw new Error('no such user');"))).rejects.toThrow('no such user');
  });

  test('fails when its program has a type error, even one that does no harm', async () => {
    await expect(run(fenced('ts run', 'const score: number = "630";\nconsole.log(score);'))).rejects.toThrow(
      "Type 'string' is not assignable to type 'number'",
    );
  });

  test('fails when a command fails', async () => {
    await expect(run(fenced('sh run', 'false'))).rejects.toThrow('exit code 1');
  });

  test('finds the files that it shows, and reaches its server on a free port', async () => {
    const server = `require('node:http').createServer((_, answer) => answer.end('630')).listen(port=8091);`;
    await run(
      fenced('js file=server.cjs', `let port;\n${server}`) +
        fenced('sh server', 'node server.cjs') +
        fenced('sh run', 'curl -s http://localhost:8091/') +
        fenced('text output', '630'),
    );
  });

  test('can call hgcache by its name', async () => {
    await run(fenced('sh run', 'hgcache --version'));
  });
});

test.each([
  ['an unknown mark', `${TICKS}ts runn\n${TICKS}\n`, 'line 1: `ts runn` is not a mark'],
  ['a language that cannot be run', `${TICKS}go run\n${TICKS}\n`, 'line 1: `go run` is not a mark'],
  ['an output without a program', `\n${TICKS}text output\n${TICKS}\n`, 'line 2: there is no block before'],
  ['a block without an end', `${TICKS}ts run\n`, 'line 1: the code block does not end'],
])('%s is refused', (_, markdown, message) => {
  expect(() => parseDocBlocks(markdown)).toThrow(message);
});
