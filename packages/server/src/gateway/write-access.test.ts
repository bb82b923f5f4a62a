import { describe, expect, test } from 'vitest';
import { ERROR_NUMBERS } from '../error-codes.ts';
import { GatewayError } from './gateway-error.ts';
import { type AssertMayWrite, createWriteAccess, type Writer } from './write-access.ts';

function refusalOf(assertMayWrite: AssertMayWrite, writer: Partial<Writer>): GatewayError | undefined {
  try {
    assertMayWrite({ headers: {}, remoteAddress: '127.0.0.1', httpVersion: '1.1', ...writer });
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(GatewayError);
    return error as GatewayError;
  }
}

describe('with a token', () => {
  const access = createWriteAccess({ token: 's3cret', origins: [] });

  test.each(['Bearer s3cret', 'bearer s3cret', 'BEARER  s3cret '])(
    '%j may write from anywhere',
    (authorization) => {
      expect(refusalOf(access, { headers: { authorization }, remoteAddress: '203.0.113.7' })).toBeUndefined();
    },
  );

  test('it is needed on this machine too', () => {
    const refusal = refusalOf(access, {});
    expect(refusal?.errorName).toBe('authorizationMissing');
    expect(refusal?.headers).toEqual({ 'www-authenticate': 'Bearer realm="hgcache"' });
  });

  test.each([
    ['Basic czNjcmV0', 'authorizationInvalid', 'invalid_request'],
    ['s3cret', 'authorizationInvalid', 'invalid_request'],
    ['Bearer', 'authorizationInvalid', 'invalid_request'],
    ['Bearer s3cret s3cret', 'authorizationInvalid', 'invalid_request'],
    ['Bearer S3CRET', 'tokenInvalid', 'invalid_token'],
    ['Bearer s3cre', 'tokenInvalid', 'invalid_token'],
    ['Bearer s3crets', 'tokenInvalid', 'invalid_token'],
  ])('%j is refused as %s', (authorization, name, challenge) => {
    const refusal = refusalOf(access, { headers: { authorization } });
    expect(refusal?.errorName).toBe(name);
    expect(refusal?.headers['www-authenticate']).toContain(challenge);
    expect(ERROR_NUMBERS[refusal?.errorName ?? 'internal'].status).toBe(401);
    expect(refusal?.message).not.toContain('s3cre');
  });
});

describe.each([undefined, ''])('without a token (%j)', (token) => {
  const access = createWriteAccess({ token, origins: ['http://console.test', '*'] });

  test.each(['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1'])(
    '%s may write',
    (remoteAddress) => {
      expect(refusalOf(access, { remoteAddress })).toBeUndefined();
    },
  );

  test.each([
    '128.0.0.1',
    '126.255.255.255',
    '10.0.0.1',
    '0.0.0.0',
    '::',
    '::2',
    '::ffff:10.0.0.1',
    'fe80::1',
    undefined,
  ])('%s may not', (remoteAddress) => {
    expect(refusalOf(access, { remoteAddress })?.errorName).toBe('permissionDenied');
  });

  test('what came by HTTP/1.0 may not, as old proxies speak it', () => {
    const refusal = refusalOf(access, { httpVersion: '1.0' });
    expect(refusal?.errorName).toBe('permissionDenied');
    expect(refusal?.message).toContain('HTTP/1.0');
  });

  test('a refusal says from where writes must come', () => {
    expect(refusalOf(access, { remoteAddress: '10.0.0.1' })?.message).toContain('loopback address');
  });

  test.each([
    'forwarded',
    'via',
    'x-forwarded',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-anything',
    'x-real-ip',
    'true-client-ip',
  ])('what came through a proxy, by its header %s, may not', (name) => {
    const refusal = refusalOf(access, { headers: { [name]: '127.0.0.1' } });
    expect(refusal?.errorName).toBe('permissionDenied');
    expect(refusal?.message).toContain(name);
  });

  test('a page in the browser of this machine may not, unless its origin is listed by name', () => {
    expect(refusalOf(access, { headers: { origin: 'http://console.test' } })).toBeUndefined();
    expect(refusalOf(access, { headers: { origin: 'http://rebound.test:8091' } })?.errorName).toBe(
      'permissionDenied',
    );
    expect(refusalOf(access, { headers: { origin: 'null' } })?.errorName).toBe('permissionDenied');
  });
});
