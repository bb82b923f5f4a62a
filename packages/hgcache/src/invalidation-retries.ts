// InvalidationRetries: tells the peers that could not be told, again and again, until they answer or leave.

import type { Member } from './member.ts';
import type { NodeContext } from './node-context.ts';

/** How long a peer may take to confirm an invalidation, in ms: nothing is loaded for it, so it is quick or ill. */
export const INVALIDATION_TIMEOUT_MS = 2000;

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5000;
// Past this many keys the whole group is cleared at the peer instead: more misses, but bounded memory here.
const MAX_KEYS = 10_000;

interface Untold {
  readonly keys: Set<string>;
  isAll: boolean;
  delayMs: number;
}

/** What the peers have not been told about one group. */
export class InvalidationRetries {
  readonly #group: string;
  readonly #node: NodeContext;
  readonly #untold = new Map<string, Untold>();

  constructor(group: string, node: NodeContext) {
    this.#group = group;
    this.#node = node;
  }

  /** The ids of the peers that wait to be told. */
  get peers(): readonly string[] {
    return [...this.#untold.keys()];
  }

  /** Has `peer` told about `keys`, or about the whole group with `'all'`, as soon as it can be reached. */
  add(peer: Member, keys: readonly string[] | 'all'): void {
    const known = this.#untold.get(peer.id);
    const untold = known ?? { keys: new Set<string>(), isAll: false, delayMs: FIRST_DELAY_MS };
    note(untold, keys);
    if (known !== undefined) return;
    this.#untold.set(peer.id, untold);
    this.#schedule(peer.id, untold);
  }

  #schedule(peerId: string, untold: Untold): void {
    const { clock, random, stopSignal } = this.#node;
    // Half to all of the delay, so that nodes that lost the same peer do not all come back to it at once.
    const delayMs = untold.delayMs * (0.5 + random() / 2);
    const onStop = (): void => timer.cancel();
    const timer = clock.setTimer(() => {
      stopSignal.removeEventListener('abort', onStop);
      void this.#retry(peerId, untold);
    }, delayMs);
    stopSignal.addEventListener('abort', onStop, { once: true });
  }

  async #retry(peerId: string, untold: Untold): Promise<void> {
    const { node, keys, isAll } = { node: this.#node, keys: [...untold.keys], isAll: untold.isAll };
    const peer = node.peers().find((member) => member.id === peerId);
    if (peer === undefined || node.stopSignal.aborted) {
      this.#untold.delete(peerId);
      return;
    }
    untold.keys.clear();
    untold.isAll = false;
    try {
      await this.#tell(peer, isAll ? 'all' : keys);
      untold.delayMs = FIRST_DELAY_MS;
    } catch (error) {
      node.hooks.onPeerFailed?.({ group: this.#group, peer: peerId, error });
      note(untold, isAll ? 'all' : keys);
      untold.delayMs = Math.min(untold.delayMs * 2, LONGEST_DELAY_MS);
    }
    // More may have come in meanwhile, also after a success.
    if (untold.isAll || untold.keys.size > 0) this.#schedule(peerId, untold);
    else this.#untold.delete(peerId);
  }

  async #tell(peer: Member, keys: readonly string[] | 'all'): Promise<void> {
    const call = { signal: this.#node.stopSignal, timeoutMs: INVALIDATION_TIMEOUT_MS };
    if (keys === 'all') await this.#node.transport?.clear(peer, this.#group, call);
    else await this.#node.transport?.remove(peer, this.#group, keys, call);
  }
}

function note(untold: Untold, keys: readonly string[] | 'all'): void {
  if (keys === 'all') untold.isAll = true;
  else for (const key of keys) untold.keys.add(key);
  if (untold.keys.size > MAX_KEYS) untold.isAll = true;
  if (untold.isAll) untold.keys.clear();
}
