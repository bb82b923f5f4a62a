// A transport within one process, with faults that a test switches on: what a network does, without a network.

import type { ByteView } from '../byte-view.ts';
import { type Clock, systemClock } from '../clock.ts';
import { HgCacheError, PeerError } from '../errors.ts';
import type { Member } from '../member.ts';
import type { PeerCallOptions, PeerHandler, PeerTransport } from '../peers/peer-transport.ts';

/** What is wrong with a node: it refuses connections, takes requests and never answers, or answers nonsense. */
export type Fault = 'down' | 'silent' | 'malformed';

/** One request as the network saw it. */
export interface SeenRequest {
  readonly from: string;
  readonly to: string;
  readonly operation: 'get' | 'getMany' | 'set' | 'remove' | 'clear';
  readonly group: string;
  readonly keys: readonly string[];
}

/** What delays a message: it is on its way until the promise has resolved. */
export type Hold = (request: SeenRequest) => Promise<void> | undefined;

/** The network that memory transports share. */
export interface MemoryNetwork {
  /** Every request so far, also those that failed. */
  readonly requests: readonly SeenRequest[];
  /** A transport for one node of this network. */
  createTransport(): PeerTransport;
  /** Breaks the node with this id, or mends it with `undefined`. */
  setFault(id: string, fault: Fault | undefined): void;
  /** Calls `hold` before each request is delivered; delivery waits for it. */
  holdRequests(hold: Hold | undefined): void;
  /** Calls `hold` before each answer goes back; its arrival waits for it. */
  holdAnswers(hold: Hold | undefined): void;
}

/** A network with no faults and no nodes yet; requests time out by `clock`. */
export function createMemoryNetwork(clock: Clock = systemClock): MemoryNetwork {
  const nodes = new Map<string, PeerHandler>();
  const faults = new Map<string, Fault>();
  const requests: SeenRequest[] = [];
  let holdRequest: Hold | undefined;
  let holdAnswer: Hold | undefined;

  const deliver = async <T>(
    request: SeenRequest,
    options: PeerCallOptions,
    answer: (handler: PeerHandler, signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    requests.push(request);
    options.signal?.throwIfAborted();
    await holdRequest?.(request);
    const handler = nodes.get(request.to);
    const fault = faults.get(request.to);
    if (handler === undefined || fault === 'down') throw new PeerError(request.to, 'connection refused');
    if (fault === 'malformed') throw new PeerError(request.to, 'malformed answer');
    const gone = new AbortController();
    const answered = fault === 'silent' ? new Promise<T>(() => {}) : answer(handler, gone.signal);
    try {
      const value = await withinCall(request.to, options, clock, answered);
      await holdAnswer?.(request);
      return value;
    } catch (error) {
      throw asSeenByTheAsker(request.to, error);
    } finally {
      gone.abort();
    }
  };

  return {
    requests,
    setFault: (id, fault) => {
      if (fault === undefined) faults.delete(id);
      else faults.set(id, fault);
    },
    holdRequests: (next) => {
      holdRequest = next;
    },
    holdAnswers: (next) => {
      holdAnswer = next;
    },
    createTransport: () => {
      let self = '';
      const seen = (
        operation: SeenRequest['operation'],
        to: Member,
        group: string,
        keys: readonly string[],
      ) => ({
        from: self,
        to: to.id,
        operation,
        group,
        keys,
      });
      return {
        name: 'memory',
        start: async (member, handler) => {
          if (nodes.has(member.id)) throw new HgCacheError('listen_failed', `${member.id} is taken`);
          self = member.id;
          nodes.set(self, handler);
        },
        stop: async () => {
          nodes.delete(self);
        },
        get: (peer, group, key, options) =>
          deliver(seen('get', peer, group, [key]), options, (node, signal) => node.get(group, key, signal)),
        getMany: (peer, group, keys, options) =>
          deliver(seen('getMany', peer, group, keys), options, (node, signal) =>
            node.getMany(group, keys, signal),
          ),
        set: (peer, group, key, value: ByteView, expiresAtMs, options) =>
          deliver(seen('set', peer, group, [key]), options, (node) =>
            node.set(group, key, value, expiresAtMs),
          ),
        remove: (peer, group, keys, options) =>
          deliver(seen('remove', peer, group, keys), options, (node) => node.remove(group, keys)),
        clear: (peer, group, options) =>
          deliver(seen('clear', peer, group, []), options, (node) => node.clear(group)),
      };
    },
  };
}

function withinCall<T>(
  peer: string,
  { signal, timeoutMs }: PeerCallOptions,
  clock: Clock,
  answered: Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      timer.cancel();
      signal?.removeEventListener('abort', onAbort);
    };
    const onAbort = (): void => {
      finish();
      reject(signal?.reason);
    };
    const timer = clock.setTimer(() => {
      finish();
      reject(new PeerError(peer, `no answer within ${timeoutMs} ms`));
    }, timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    answered.then(resolve, reject).finally(finish);
  });
}

/** A peer that has no such group, does not like the key or is stopping is of no help, which is a `PeerError`. */
function asSeenByTheAsker(peer: string, error: unknown): unknown {
  const isOfNoHelp =
    error instanceof HgCacheError && ['unknown_group', 'invalid_key', 'stopped'].includes(error.code);
  return isOfNoHelp ? new PeerError(peer, error.message, { cause: error }) : error;
}
