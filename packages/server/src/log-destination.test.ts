// Tests of the destination of log lines: readers who stall, and readers who are gone.

import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { LogDestination } from './log-destination.ts';

const LINE = `${'x'.repeat(1023)}\n`;

/** A stream whose reader takes nothing until `resume` is called. */
function stalled() {
  const taken: string[] = [];
  let next: (() => void) | undefined;
  let isOpen = false;
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk: string, _, done) => {
      taken.push(chunk);
      if (isOpen) done();
      else next = done;
    },
  });
  const resume = () => {
    isOpen = true;
    next?.();
  };
  return { stream, taken, resume };
}

test('lines that nobody reads wait, up to 1 MiB, and how many were left out is told', async () => {
  const { stream, taken, resume } = stalled();
  const destination = new LogDestination(stream);
  for (let line = 0; line < 2000; line++) destination.write(LINE);
  expect(stream.writableLength).toBe(1025 * 1024);
  resume();
  await destination.flush(10_000);
  destination.write(LINE);
  const lines = taken.filter((text) => text !== '');
  expect(lines).toHaveLength(1025 + 2);
  expect(JSON.parse(lines.at(-2) ?? '')).toMatchObject({
    msg: '975 log lines were left out: nobody read them',
  });
});

test('a flush waits for the reader, but not for ever', async () => {
  const { stream, resume } = stalled();
  const destination = new LogDestination(stream);
  destination.write(LINE);
  await destination.flush(5);
  expect(stream.writableLength).toBe(LINE.length);
  const flushed = destination.flush(10_000);
  resume();
  await flushed;
  expect(stream.writableLength).toBe(0);
});

test('a stream that fails fails nobody else', async () => {
  const stream = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EIO')) });
  const destination = new LogDestination(stream);
  destination.write(LINE);
  await destination.flush(10_000);
  destination.write(LINE);
  await destination.flush(10_000);
  expect(stream.errored).toMatchObject({ message: 'EIO' });
});
