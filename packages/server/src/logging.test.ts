// Tests of the logger's two forms.

import { describe, expect, test } from 'vitest';
import type { LogConfig } from './config/config.ts';
import { createLogger, reasonOf } from './logging.ts';

function logTo(config: LogConfig, isTerminal: boolean) {
  let written = '';
  const stream = {
    write: (text: string) => {
      written += text;
    },
  };
  return { log: createLogger('cache', config, { stream, isTerminal }), written: () => written };
}

describe('createLogger', () => {
  test('writes JSON where nobody reads along', () => {
    const { log, written } = logTo({ level: 'info' }, false);
    log.info({ key: 'Tom' }, 'hit');
    expect(JSON.parse(written())).toMatchObject({ level: 30, name: 'cache', key: 'Tom', msg: 'hit' });
  });

  test('writes a readable line on a terminal', () => {
    const { log, written } = logTo({ level: 'info' }, true);
    log.info({ key: 'Tom' }, 'hit');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are such
    const plain = written().replaceAll(/\u001b\[\d+m/g, '');
    expect(plain).toMatch(/^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\] INFO: hit \{"key":"Tom"\}\n$/);
  });

  test('writes the form that is configured, without colours where nobody reads along', () => {
    const json = logTo({ level: 'info', format: 'json' }, true);
    json.log.info('hit');
    expect(JSON.parse(json.written())).toMatchObject({ msg: 'hit' });
    const lines = logTo({ level: 'info', format: 'console' }, false);
    lines.log.info('hit');
    expect(lines.written()).toMatch(/^\[[^\]]+\] INFO: hit\n$/);
  });

  test('a key cannot forge a line', () => {
    const { log, written } = logTo({ level: 'info', format: 'console' }, false);
    log.info({ key: 'a\n[2026-01-01 00:00:00.000] INFO: forged\u001b[2J' }, 'hit');
    expect(written().split('\n')).toHaveLength(2);
    expect(written()).not.toContain('\u001b');
  });

  test('keeps quiet below its level', () => {
    const { log, written } = logTo({ level: 'warn' }, false);
    log.info('hit');
    expect(written()).toBe('');
    log.warn('peer failed');
    expect(written()).not.toBe('');
  });
});

describe('reasonOf', () => {
  test('adds the causes that say more', () => {
    const cause = new Error('connect ECONNREFUSED');
    expect(reasonOf(new Error('the origin failed', { cause }))).toBe(
      'the origin failed: connect ECONNREFUSED',
    );
    expect(reasonOf(new Error('the origin failed: connect ECONNREFUSED', { cause }))).toBe(
      'the origin failed: connect ECONNREFUSED',
    );
  });

  test('takes whatever was thrown, and a circle of causes', () => {
    const error = new Error('round');
    error.cause = error;
    expect(reasonOf(error)).toBe('round');
    expect(reasonOf('text')).toBe('text');
  });
});
