// The options of the HTTP transport, and the addresses of its peers.

import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../errors.ts';
import { completeHttpTransportOptions, type HttpTransportOptions } from './http-transport-options.ts';
import { describeBadAddress, parsePeerAddress } from './peer-address.ts';

describe('the options of the HTTP transport', () => {
  test('have defaults', () => {
    expect(completeHttpTransportOptions({})).toEqual({
      listen: undefined,
      basePath: '/_groupcache/',
      dialect: 'groupcache',
      maxConnectionsPerPeer: 256,
      connectTimeoutMs: 1_000,
      maxBodyBytes: 67_108_864,
    });
  });

  test.each<[HttpTransportOptions]>([
    [{ listen: false }],
    [{ listen: { port: 1 } }],
    [{ listen: { host: '::1', port: 65_535 } }],
    [{ basePath: '/a/b.c/_d/' }],
    [{ dialect: 'groupcache-go' }],
    [{ maxConnectionsPerPeer: 1, connectTimeoutMs: 1, maxBodyBytes: 1 }],
  ])('may be %j', (options) => {
    expect(completeHttpTransportOptions(options)).toMatchObject(options);
  });

  test.each<[string, string]>([
    ['{"port": 8001}', 'port'],
    ['{"listen": 8001}', 'listen'],
    ['{"listen": null}', 'listen'],
    ['{"listen": {}}', 'listen.port'],
    ['{"listen": {"port": 65536}}', 'listen.port'],
    ['{"listen": {"port": 0}}', 'listen.port must not be 0: the peers would not know'],
    ['{"listen": {"port": -1}}', 'listen.port'],
    ['{"listen": {"port": 1, "host": ""}}', 'listen.host'],
    ['{"listen": {"port": 1, "backlog": 5}}', 'backlog'],
    ['{"basePath": "_groupcache"}', 'basePath'],
    ['{"basePath": "/"}', 'basePath'],
    ['{"basePath": "/a b/"}', 'basePath'],
    ['{"dialect": "grpc"}', 'dialect'],
    ['{"maxConnectionsPerPeer": 0}', 'maxConnectionsPerPeer'],
    ['{"connectTimeoutMs": 0}', 'connectTimeoutMs'],
    ['{"connectTimeoutMs": 2147483648}', 'connectTimeoutMs'],
    ['{"maxBodyBytes": 1.5}', 'maxBodyBytes'],
  ])('may not be %s', (options, named) => {
    const complete = (): unknown => completeHttpTransportOptions(JSON.parse(options) as HttpTransportOptions);
    expect(complete).toThrow(ConfigError);
    expect(complete).toThrow(named);
  });
});

describe('the address of a peer', () => {
  test.each([
    ['http://10.0.0.1:8001', { host: '10.0.0.1', port: 8001, prefix: '' }],
    ['http://cache.example', { host: 'cache.example', port: 80, prefix: '' }],
    ['http://cache.example:1/', { host: 'cache.example', port: 1, prefix: '' }],
    ['http://cache.example:65535/a/b', { host: 'cache.example', port: 65_535, prefix: '/a/b' }],
    ['http://[::1]:8001', { host: '::1', port: 8001, prefix: '' }],
    ['10.0.0.1:8001', { host: '10.0.0.1', port: 8001, prefix: '' }],
  ])('can be %s', (id, address) => {
    expect(parsePeerAddress({ id })).toEqual(address);
  });

  test('is its entry for http rather than its id', () => {
    const member = { id: 'node-1', addresses: { http: 'http://10.0.0.1:8001' } };
    expect(parsePeerAddress(member)).toMatchObject({ host: '10.0.0.1', port: 8001 });
  });

  test.each([
    'node-1',
    'https://10.0.0.1:8001',
    'http://',
    'http://10.0.0.1:0',
    'http://10.0.0.1:65536',
    'http://10.0.0.1:80a',
    'http://user@10.0.0.1:8001',
    'http://10.0.0.1:8001?x',
    'http://10.0.0.1:8001/a b',
    'http://10.0.0.1:8001/a\r\nhost: b',
    '',
  ])('cannot be %j', (id) => {
    expect(parsePeerAddress({ id })).toBeUndefined();
    expect(describeBadAddress({ id })).toContain(JSON.stringify(id));
  });
});
