// Tests of --help.

import { expect, test } from 'vitest';
import { helpText } from './help.ts';
import { FLAG_SETTINGS, flagOf, variableOf } from './settings.ts';

test('has every flag with its variable, in sections', () => {
  const text = helpText();
  for (const setting of FLAG_SETTINGS) {
    expect(text).toContain(`      --${flagOf(setting)}`);
    expect(text).toContain(`[${variableOf(setting)}]`);
  }
  const sections = [...text.matchAll(/^(\S[^:\n]*):$/gm)].map(([, title]) => title);
  expect(sections.slice(0, 5)).toEqual(['General', 'Application', 'HTTP gateway', 'Peers', 'Log']);
});

test('says what a flag is for, and its default', () => {
  expect(helpText()).toContain(
    '      --http.port=<number>\n          its port; 0 for any free one (default 8091) [HGCACHE_HTTP_PORT]\n',
  );
});

test('fits a terminal of 120 columns', () => {
  for (const line of helpText().split('\n')) expect(line.length).toBeLessThanOrEqual(120);
});
