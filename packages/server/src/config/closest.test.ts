// Tests of the guesses at what a misspelt word meant.

import { expect, test } from 'vitest';
import { closest } from './closest.ts';

test.each([
  ['prot', ['host', 'port', 'token'], 'port'],
  ['maxByte', ['name', 'maxBytes', 'maxValueBytes'], 'maxBytes'],
  ['MAXBYTES', ['maxBytes'], 'maxBytes'],
  ['max_bytes', ['maxBytes'], 'maxBytes'],
  ['loadTimout', ['loadTimeout', 'ttl'], 'loadTimeout'],
  ['postgres', ['sqlite', 'http', 'module', 'static'], undefined],
  ['size', ['maxBytes'], undefined],
  ['no', ['ttl'], undefined],
  ['x', [], undefined],
])('for %j among %j it is %j', (word, candidates, meant) => {
  expect(closest(word, candidates)).toBe(meant);
});

test('the nearest wins over a near one', () => {
  expect(closest('maxValueByte', ['maxValueBytesX', 'maxValueBytes'])).toBe('maxValueBytes');
});
