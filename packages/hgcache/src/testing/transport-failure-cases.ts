// The cases of the transports' contract about errors, cancellation and stopping.

import assert from 'node:assert/strict';
import { ByteView } from '../byte-view.ts';
import {
  HgCacheError,
  InvalidKeyError,
  InvalidValueError,
  LoadError,
  OverloadedError,
  StoppedError,
  UnknownGroupError,
} from '../errors.ts';
import type { PeerHandler, PeerValue } from '../peers/peer-transport.ts';
import {
  CALL,
  handlerOf,
  peerValue,
  rejectsWithPeerError,
  type TransportCase,
  withPeer,
} from './transport-script.ts';

/** What goes wrong, and how it ends. */
export const failureCases: readonly TransportCase[] = [
  {
    name: 'brings what the owner itself reports as that error',
    run: async (create) => {
      const reported = [
        new LoadError('load_failed', 'the database is down'),
        new LoadError('load_timeout', 'no answer from the loader'),
        new OverloadedError('128 loads are under way'),
        new InvalidValueError('not JSON'),
      ];
      for (const error of reported) {
        const isThatError = (thrown: unknown): boolean => {
          assert.ok(thrown instanceof HgCacheError);
          assert.deepEqual([thrown.constructor, thrown.code], [error.constructor, error.code]);
          assert.equal(thrown.message, error.message);
          return true;
        };
        await withPeer(create, { get: () => Promise.reject(error) }, async (asker, peer) => {
          await assert.rejects(asker.get(peer, 'users', 'Tom', CALL), isThatError);
        });
      }
    },
  },
  {
    name: 'turns what no asker can help into a PeerError',
    run: async (create) => {
      const errors = [new UnknownGroupError('users'), new InvalidKeyError('too long'), new StoppedError()];
      for (const error of errors) {
        const fail = (): Promise<never> => Promise.reject(error);
        const handler = { get: fail, getMany: fail, set: fail, remove: fail, clear: fail };
        await withPeer(create, handler, async (asker, peer) => {
          await rejectsWithPeerError(peer, asker.get(peer, 'users', 'Tom', CALL));
          await rejectsWithPeerError(peer, asker.getMany(peer, 'users', ['Tom', 'Sam'], CALL));
          await rejectsWithPeerError(peer, asker.set(peer, 'users', 'Tom', ByteView.from('1'), 0, CALL));
          await rejectsWithPeerError(peer, asker.remove(peer, 'users', ['Tom'], CALL));
          await rejectsWithPeerError(peer, asker.clear(peer, 'users', CALL));
        });
      }
    },
  },
  {
    name: 'rejects with a PeerError when nobody is there',
    run: async (create) => {
      const { transport, self } = await create();
      const nobody = (await create()).self;
      await transport.start(self, handlerOf({}));
      try {
        await rejectsWithPeerError(nobody, transport.get(nobody, 'users', 'Tom', CALL));
        await rejectsWithPeerError(nobody, transport.getMany(nobody, 'users', ['Tom', 'Sam'], CALL));
        await rejectsWithPeerError(
          nobody,
          transport.set(nobody, 'users', 'Tom', ByteView.from('1'), 0, CALL),
        );
        await rejectsWithPeerError(nobody, transport.remove(nobody, 'users', ['Tom', 'Sam'], CALL));
        await rejectsWithPeerError(nobody, transport.clear(nobody, 'users', CALL));
      } finally {
        await transport.stop(0);
      }
    },
  },
  {
    name: 'rejects with a PeerError when there is no answer in time',
    run: (create) =>
      withPeer(create, { get: () => new Promise(() => {}) }, async (asker, peer) => {
        await rejectsWithPeerError(peer, asker.get(peer, 'users', 'Tom', { timeoutMs: 40 }));
      }),
  },
  {
    name: 'rejects with the reason of the signal, and tells the peer that nobody waits',
    run: async (create) => {
      const asked = Promise.withResolvers<AbortSignal | undefined>();
      const handler: Partial<PeerHandler> = {
        get: (_, __, signal) => {
          asked.resolve(signal);
          return new Promise(() => {});
        },
      };
      await withPeer(create, handler, async (asker, peer) => {
        const caller = new AbortController();
        const answer = asker.get(peer, 'users', 'Tom', { ...CALL, signal: caller.signal });
        const signal = await asked.promise;
        assert.ok(signal);
        const gone = signal.aborted || new Promise((resolve) => signal.addEventListener('abort', resolve));
        const reason = new Error('enough');
        caller.abort(reason);
        await assert.rejects(answer, (thrown) => thrown === reason);
        await gone;
      });
    },
  },
  {
    name: 'does not ask when the signal has fired before',
    run: async (create) => {
      let requests = 0;
      const count = async (): Promise<undefined> => void requests++;
      await withPeer(create, { get: count, remove: count }, async (asker, peer) => {
        const reason = new Error('too late');
        const call = { ...CALL, signal: AbortSignal.abort(reason) };
        await assert.rejects(asker.get(peer, 'users', 'Tom', call), (thrown) => thrown === reason);
        await assert.rejects(asker.remove(peer, 'users', ['Tom'], call), (thrown) => thrown === reason);
        assert.equal(requests, 0);
      });
    },
  },
  {
    name: 'does not start where somebody else is',
    run: (create) =>
      withPeer(create, {}, async (_, peer) => {
        const { transport } = await create();
        const isListenFailed = (error: unknown): boolean =>
          error instanceof HgCacheError && error.code === 'listen_failed';
        await assert.rejects(transport.start(peer, handlerOf({})), isListenFailed);
        await transport.stop(0);
      }),
  },
  {
    name: 'answers what is under way at a stop, and then nothing more',
    run: async (create) => {
      const asker = await create();
      const peer = await create();
      const asked = Promise.withResolvers<void>();
      const release = Promise.withResolvers<PeerValue>();
      const get = (): Promise<PeerValue> => {
        asked.resolve();
        return release.promise;
      };
      await asker.transport.start(asker.self, handlerOf({}));
      await peer.transport.start(peer.self, handlerOf({ get }));
      const answer = asker.transport.get(peer.self, 'users', 'Tom', CALL);
      await asked.promise;
      const stopped = peer.transport.stop(5_000);
      release.resolve(peerValue('630'));
      assert.equal((await answer)?.value.toString(), '630');
      await stopped;
      await peer.transport.stop(5_000);
      await rejectsWithPeerError(peer.self, asker.transport.get(peer.self, 'users', 'Tom', CALL));
      await asker.transport.stop(0);
    },
  },
  {
    name: 'does not wait at a stop for what takes too long',
    run: async (create) => {
      const asker = await create();
      const peer = await create();
      const asked = Promise.withResolvers<void>();
      const get = (): Promise<never> => {
        asked.resolve();
        return new Promise(() => {});
      };
      await asker.transport.start(asker.self, handlerOf({}));
      await peer.transport.start(peer.self, handlerOf({ get }));
      const answer = asker.transport.get(peer.self, 'users', 'Tom', { timeoutMs: 200 });
      const rejected = rejectsWithPeerError(peer.self, answer);
      await asked.promise;
      await peer.transport.stop(20);
      await rejected;
      await asker.transport.stop(0);
    },
  },
];
