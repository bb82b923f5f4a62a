// The cases of the transports' contract about what is asked and answered.

import assert from 'node:assert/strict';
import { ByteView } from '../byte-view.ts';
import { LoadError } from '../errors.ts';
import { keyFromBytes } from '../key.ts';
import type { PeerHandler } from '../peers/peer-transport.ts';
import {
  assertExpiry,
  CALL,
  EXPIRES_AT_MS,
  peerValue,
  type TransportCase,
  withPeer,
} from './transport-script.ts';

/** Keys that text protocols, paths and encodings like to lose. */
const ODD_KEYS: readonly string[] = [
  ' ',
  'a b',
  'a+b',
  '%',
  '%2F',
  '%zz',
  '/',
  '//',
  '/a//b/',
  '.',
  '..',
  '../../etc',
  'a?b=c&d#e',
  '_get-keys/',
  '_remove-keys/',
  '_clear/',
  'ключ',
  '键',
  '🔑',
  '\u0000\r\n\t',
  keyFromBytes(Uint8Array.of(0xff)),
  keyFromBytes(Uint8Array.of(0x61, 0xc3, 0x28, 0x80)),
  'k'.repeat(1_024),
  'é'.repeat(512),
];

/** Questions and answers. */
export const exchangeCases: readonly TransportCase[] = [
  {
    name: 'passes a get on, and brings back value, expiry and age',
    run: (create) =>
      withPeer(
        create,
        {
          get: async (group, key) => {
            assert.deepEqual([group, key], ['users', 'Tom']);
            return { value: ByteView.from('630'), expiresAtMs: EXPIRES_AT_MS, ageMs: 2_345 };
          },
        },
        async (asker, peer) => {
          const found = await asker.get(peer, 'users', 'Tom', CALL);
          assert.equal(found?.value.toString(), '630');
          assertExpiry(found?.expiresAtMs);
          assert.equal(found?.ageMs, 2_345);
        },
      ),
  },
  {
    name: 'tells an empty value that never expires from none',
    run: (create) =>
      withPeer(
        create,
        { get: async (_, key) => (key === 'empty' ? peerValue('') : undefined) },
        async (asker, peer) => {
          const found = await asker.get(peer, 'users', 'empty', CALL);
          assert.equal(found?.value.length, 0);
          assert.equal(found?.expiresAtMs, 0);
          assert.equal(await asker.get(peer, 'users', 'none', CALL), undefined);
        },
      ),
  },
  {
    name: 'carries keys of any bytes, alone and in numbers',
    run: async (create) => {
      const seen: string[] = [];
      const handler: Partial<PeerHandler> = {
        get: async (_, key) => {
          seen.push(key);
          return peerValue(key);
        },
        getMany: async (_, keys) => keys.map((key) => ({ value: peerValue(key) })),
        set: async (_, key) => void seen.push(key),
        remove: async (_, keys) => void seen.push(...keys),
      };
      await withPeer(create, handler, async (asker, peer) => {
        for (const key of ODD_KEYS) {
          const found = await asker.get(peer, 'users', key, CALL);
          assert.equal(found?.value.toString(), peerValue(key).value.toString());
          await asker.set(peer, 'users', key, ByteView.from('1'), 0, CALL);
          await asker.remove(peer, 'users', [key], CALL);
          assert.deepEqual(seen.splice(0), [key, key, key]);
        }
        await asker.remove(peer, 'users', ODD_KEYS, CALL);
        assert.deepEqual(seen, ODD_KEYS);
        const outcomes = await asker.getMany(peer, 'users', ODD_KEYS, CALL);
        assert.deepEqual(
          outcomes.map(({ value }) => value?.value.toString()),
          ODD_KEYS.map((key) => peerValue(key).value.toString()),
        );
      });
    },
  },
  {
    name: 'brings back the outcomes of many keys in their order',
    run: (create) =>
      withPeer(
        create,
        {
          getMany: async (group, keys) => {
            assert.deepEqual([group, keys], ['users', ['a', 'b', 'c', 'd']]);
            return [
              { value: { value: ByteView.from('1'), expiresAtMs: EXPIRES_AT_MS, ageMs: 7 } },
              {},
              { error: new LoadError('load_failed', 'the database is down') },
              { value: peerValue('') },
            ];
          },
        },
        async (asker, peer) => {
          const [a, b, c, d, ...more] = await asker.getMany(peer, 'users', ['a', 'b', 'c', 'd'], CALL);
          assert.equal(a?.value?.value.toString(), '1');
          assertExpiry(a?.value?.expiresAtMs);
          assert.equal(a?.value?.ageMs, 7);
          assert.equal(b?.value ?? b?.error, undefined);
          assert.ok(c?.error instanceof LoadError);
          assert.equal(c.error.message, 'the database is down');
          assert.equal(d?.value?.value.length, 0);
          assert.equal(d?.value?.expiresAtMs, 0);
          assert.equal(more.length, 0);
        },
      ),
  },
  {
    name: 'passes set, remove and clear on',
    run: async (create) => {
      const seen: unknown[] = [];
      const handler: Partial<PeerHandler> = {
        set: async (group, key, value, expiresAtMs) => {
          if (expiresAtMs !== 0) assertExpiry(expiresAtMs);
          seen.push(['set', group, key, value.toString(), expiresAtMs === 0 ? 'for ever' : 'for a while']);
        },
        remove: async (group, keys) => void seen.push(['remove', group, keys]),
        clear: async (group) => void seen.push(['clear', group]),
      };
      await withPeer(create, handler, async (asker, peer) => {
        await asker.set(peer, 'users', 'Tom', ByteView.from('630'), EXPIRES_AT_MS, CALL);
        await asker.set(peer, 'users', 'Tom', ByteView.from(''), 0, CALL);
        await asker.remove(peer, 'users', ['Tom'], CALL);
        await asker.remove(peer, 'users', ['Tom', 'Jack', 'Sam'], CALL);
        await asker.clear(peer, 'users', CALL);
        assert.deepEqual(seen, [
          ['set', 'users', 'Tom', '630', 'for a while'],
          ['set', 'users', 'Tom', '', 'for ever'],
          ['remove', 'users', ['Tom']],
          ['remove', 'users', ['Tom', 'Jack', 'Sam']],
          ['clear', 'users'],
        ]);
      });
    },
  },
  {
    name: 'gives each of many requests at once its own answer, both ways',
    run: (create) =>
      withPeer(
        create,
        {
          get: async (_, key) => {
            await new Promise((resolve) => setTimeout(resolve, Number(key) % 3));
            return peerValue(`value of ${key}`);
          },
        },
        async (asker, peer) => {
          const keys = Array.from({ length: 300 }, (_, index) => String(index));
          const found = await Promise.all(keys.map((key) => asker.get(peer, 'users', key, CALL)));
          assert.deepEqual(
            found.map((each) => each?.value.toString()),
            keys.map((key) => `value of ${key}`),
          );
        },
      ),
  },
  {
    name: 'carries a large value whole',
    run: async (create) => {
      const large = ByteView.from(
        Uint8Array.from({ length: 3 * 1024 * 1024 + 1 }, (_, index) => index % 251),
      );
      let kept: ByteView | undefined;
      const handler: Partial<PeerHandler> = {
        get: async () => ({ value: large, expiresAtMs: EXPIRES_AT_MS, ageMs: 0 }),
        getMany: async () => [{ value: { value: large, expiresAtMs: 0, ageMs: 0 } }, {}],
        set: async (_, __, value) => {
          kept = value;
        },
      };
      await withPeer(create, handler, async (asker, peer) => {
        const found = await asker.get(peer, 'users', 'Tom', CALL);
        assert.ok(found?.value.equals(large));
        assertExpiry(found?.expiresAtMs);
        const [first] = await asker.getMany(peer, 'users', ['Tom', 'Sam'], CALL);
        assert.ok(first?.value?.value.equals(large));
        await asker.set(peer, 'users', 'Tom', large, 0, CALL);
        assert.ok(kept?.equals(large));
      });
    },
  },
];
