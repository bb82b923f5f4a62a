// Tests of the command line.

import { describe, expect, test } from 'vitest';
import { parseCommandLine } from './command-line.ts';
import { FLAG_SETTINGS, flagOf } from './settings.ts';

const textsOf = (...args: string[]) => Object.fromEntries(parseCommandLine(args).texts);
const messagesOf = (...args: string[]) => parseCommandLine(args).problems.map(({ message }) => message);

describe('what is asked', () => {
  test.each(FLAG_SETTINGS)('--$path is a flag, with its value behind = or a space', (setting) => {
    const flag = `--${flagOf(setting)}`;
    expect(textsOf(`${flag}=a b=c`)).toEqual({ [setting.path]: 'a b=c' });
    if (setting.kind !== 'boolean') expect(textsOf(flag, 'a')).toEqual({ [setting.path]: 'a' });
  });

  test('the flags of the seed are there', () => {
    const seed = ['app.name', 'app.is_start_http', 'grpc.host', 'grpc.port', 'http.host', 'http.port'];
    const flags = FLAG_SETTINGS.map(flagOf);
    expect(flags).toEqual(expect.arrayContaining([...seed, 'lease.ttl', 'log.level', 'log.format']));
  });

  test.each([
    [['--config=a.yaml']],
    [['--config', 'a.yaml']],
    [['-c', 'a.yaml']],
    [['-ca.yaml']],
    [['-c=a.yaml']],
  ])('%j names the configuration file', (args) => {
    expect(parseCommandLine(args)).toMatchObject({ configFile: 'a.yaml', problems: [] });
  });

  test('a boolean flag may stand alone, and takes the next argument for itself never', () => {
    expect(textsOf('--app.is_start_http')).toEqual({ 'app.is_start_http': 'true' });
    expect(textsOf('--app.is_start_http=false')).toEqual({ 'app.is_start_http': 'false' });
    expect(textsOf('--app.is_start_http', '--http.port=1')).toEqual({
      'app.is_start_http': 'true',
      'http.port': '1',
    });
  });

  test('the last of two flags counts, and lists add up', () => {
    expect(textsOf('--http.port=1', '--http.port=2')).toEqual({ 'http.port': '2' });
    expect(textsOf('--peers.members=a,b', '--peers.members=c')).toEqual({ 'peers.members': 'a,b,c' });
  });

  test('help and version have a short form', () => {
    expect(parseCommandLine(['-h'])).toMatchObject({
      isHelpAsked: true,
      isVersionAsked: false,
      problems: [],
    });
    expect(parseCommandLine(['-v'])).toMatchObject({
      isHelpAsked: false,
      isVersionAsked: true,
      problems: [],
    });
  });
});

describe('what is wrong', () => {
  test('a positional argument is refused', () => {
    expect(messagesOf('serve')).toEqual(['"serve": unexpected argument; there are only flags, see --help']);
    expect(messagesOf('--app.is_start_http', 'true')).toHaveLength(1);
    expect(messagesOf('--', '--http.port=1')).toHaveLength(1);
  });

  test('an unknown flag names the close one', () => {
    expect(messagesOf('--http.prot=1')).toEqual(['--http.prot: unknown flag; did you mean --http.port?']);
    expect(messagesOf('-x')).toEqual(['-x: unknown flag; see --help']);
    expect(messagesOf('--constructor')).toEqual(['--constructor: unknown flag; see --help']);
  });

  test('a flag without its value is refused, also when another flag follows', () => {
    expect(messagesOf('--http.host')).toEqual(['--http.host: needs a value, e.g. --http.host=…']);
    expect(messagesOf('--http.host', '--http.port=1')).toEqual([
      '--http.host: needs a value, e.g. --http.host=…',
    ]);
    expect(messagesOf('-c')).toEqual(['--config: needs a value, e.g. --config=…']);
  });

  test('an empty name of the configuration file is refused', () => {
    for (const args of [['-c', ''], ['--config=']]) {
      expect(messagesOf(...args)).toEqual(['--config: needs the name of a file']);
    }
  });

  test('help with a value is refused', () => {
    expect(messagesOf('--help=false')).toEqual(['--help: takes no value']);
  });

  test('everything is listed at once', () => {
    expect(messagesOf('a', '--b', '--http.host')).toHaveLength(3);
  });
});
