import fc from 'fast-check';
import { keyFromBytes } from 'hgcache';
import { describe, expect, test } from 'vitest';
import { GatewayError } from './gateway-error.ts';
import {
  NEUTRAL_KEY_PATH,
  parseKeyTarget,
  parseQuery,
  rejectUnknownParameters,
  routedTarget,
} from './request-target.ts';

function escaped(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

describe('a path with a key', () => {
  test.each([
    ['/v1/groups/test/keys/Tom', 'test', 'Tom'],
    ['/v1/groups/test/keys/a%2Fb', 'test', 'a/b'],
    ['/v1/groups/test/keys/a/b', 'test', 'a/b'],
    ['/v1/groups/test/keys//', 'test', '/'],
    ['/v1/groups/test/keys/..', 'test', '..'],
    ['/v1/groups/test/keys/%2e%2e', 'test', '..'],
    ['/v1/groups/test/keys/../../x', 'test', '../../x'],
    ['/v1/groups/test/keys/a+b%20c', 'test', 'a+b c'],
    ['/v1/groups/test/keys/%252e', 'test', '%2e'],
    ['/v1/groups/test/keys/a?ttl=1s', 'test', 'a'],
    ['/v1/groups/test/keys/a%3Fb', 'test', 'a?b'],
    ['/v1/groups/test/keys/', 'test', ''],
    ['/v1/groups/test/keys/%C3%ab', 'test', 'ë'],
    ['/v1/groups/test/keys/\u00c3\u00ab', 'test', 'ë'],
    ['/v1/groups/test/keys/keys/keys/x', 'test', 'keys/keys/x'],
    ['/v1/groups/a%20b/keys/x', 'a b', 'x'],
    ['http://h:1/v1/groups/test/keys/http://h/x', 'test', 'http://h/x'],
  ])('%j is group %j and key %j', (target, group, key) => {
    expect(parseKeyTarget(target)).toEqual({ group, key });
    expect(routedTarget(target)).toBe(NEUTRAL_KEY_PATH);
  });

  test.each([
    '/api?key=x',
    '/v1/groups/test/batch-get',
    '/v1/groups/a/b/keys/x',
    '/v1/groups/test/keys',
    '*',
  ])('%s is none', (target) => {
    expect(routedTarget(target)).toBe(target);
  });

  test.each([
    ['http://h/api?key=x', '/api?key=x'],
    ['HTTPS://h', '/'],
    ['http://h?key=x', '?key=x'],
    ['//h/api', '//h/api'],
  ])('of the whole URL %s, %s counts', (target, routed) => {
    expect(routedTarget(target)).toBe(routed);
  });

  test('may hold any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
        const key = keyFromBytes(bytes);
        expect(parseKeyTarget(`/v1/groups/test/keys/${escaped(bytes)}`).key).toBe(key);
        expect(parseQuery(`/api?key=${escaped(bytes)}`).get('key')).toBe(key);
      }),
    );
  });

  test.each([
    ['%', '"%"'],
    ['a%4', '"%4"'],
    ['%zzz', '"%zz"'],
    ['%2', '"%2"'],
    ['ok%20%-1', '"%-1"'],
    ['%%41', '"%%4"'],
  ])('%s is refused with the escape that is broken', (key, named) => {
    expect(() => parseKeyTarget(`/v1/groups/test/keys/${key}`)).toThrow(GatewayError);
    expect(() => parseKeyTarget(`/v1/groups/test/keys/${key}`)).toThrow(named);
    expect(() => parseQuery(`/api?key=${key}`)).toThrow(named);
  });
});

describe('a query', () => {
  test.each([
    ['/api', []],
    ['/api?', []],
    ['/api?key=Tom', [['key', 'Tom']]],
    ['/api?key=a+b%2Bc', [['key', 'a b+c']]],
    ['/api?key=a=b?c', [['key', 'a=b?c']]],
    [
      '/api?&key=&group',
      [
        ['key', ''],
        ['group', ''],
      ],
    ],
    ['/api?k%65y=x', [['key', 'x']]],
    ['/api?__proto__=x', [['__proto__', 'x']]],
  ])('%s has the parameters %j', (target, parameters) => {
    expect([...parseQuery(target)]).toEqual(parameters);
  });

  test('with a parameter twice is refused', () => {
    expect(() => parseQuery('/api?key=a&key=b')).toThrow('"key" is given twice');
  });

  test('with an unknown parameter is refused where it matters', () => {
    expect(() => rejectUnknownParameters(parseQuery('/x?ttl=1s'), ['ttl'])).not.toThrow();
    expect(() => rejectUnknownParameters(parseQuery('/x?tll=1s'), ['ttl'])).toThrow('"tll"; known: ttl');
    expect(() => rejectUnknownParameters(parseQuery('/x?a'), [])).toThrow('"a"; this path takes none');
  });
});
