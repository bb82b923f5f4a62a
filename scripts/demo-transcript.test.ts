// The transcript of the demo: its order, its counts, and keys that a terminal must not be shown as they are.

import { expect, test } from 'vitest';
import { Transcript } from './demo-transcript.ts';
import type { LogLine } from './server-process.ts';

const NOON = new Date(2026, 10, 22, 12, 0, 0, 250).getTime();
const line = (msg: string, more: Partial<LogLine> = {}): LogLine => ({
  time: NOON,
  level: 20,
  msg,
  group: 'test',
  key: 'Tom',
  ...more,
});

test('tells in order what several nodes did for a key, and counts it', () => {
  const transcript = new Transcript();
  transcript.add(8002, line('origin searched'));
  transcript.add(8002, line('peer request'));
  transcript.add(8001, line('peer picked', { peer: 'http://127.0.0.1:8002' }));
  transcript.add(8001, line('hit', { time: NOON + 1 }));
  transcript.add(8001, line('hgcache node listening'));
  expect(transcript.take()).toEqual([
    '12:00:00.250 [node 8001] pick peer http://127.0.0.1:8002',
    '12:00:00.250 [node 8002] GET test/Tom',
    '12:00:00.250 [SlowDB]    search key Tom (by node 8002)',
    '12:00:00.251 [node 8001] hit Tom',
  ]);
  expect(transcript.take()).toEqual([]);
  expect(transcript.count('origin searched')).toBe(1);
});

test.each([
  ['\u001b[2J\u0007', '\\u{1b}[2J\\u{7}'],
  ['a\r\nb\u0085c', 'a\\u{d}\\u{a}b\\u{85}c'],
  ['\u202eevil', '\\u{202e}evil'],
  ['\u2028', '\\u{2028}'],
  ['\ud800', '\\u{d800}'],
  ['ключ 键 🔑', 'ключ 键 🔑'],
])('shows the key %j without what would control the terminal', (key, shown) => {
  const transcript = new Transcript();
  transcript.add(8001, line('hit', { key }));
  expect(transcript.take()).toEqual([`12:00:00.250 [node 8001] hit ${shown}`]);
});
