// PeerBatch: the keys of one getMany that belong to one owner, asked for in one request.

import { PeerError } from './errors.ts';
import type { Member } from './member.ts';
import type { PeerOutcome, PeerTransport, PeerValue } from './peers/peer-transport.ts';

interface Entry {
  readonly key: string;
  readonly settle: (outcome: PeerOutcome) => void;
  readonly fail: (error: unknown) => void;
}

/** Collects keys until it is sent. Each key settles on its own; the request ends when all keys were given up. */
export class PeerBatch {
  readonly owner: Member;
  readonly #transport: PeerTransport;
  readonly #group: string;
  readonly #timeoutMs: number;
  readonly #entries: Entry[] = [];
  readonly #controller = new AbortController();
  #wanted = 0;

  constructor(transport: PeerTransport, owner: Member, group: string, timeoutMs: number) {
    this.#transport = transport;
    this.owner = owner;
    this.#group = group;
    this.#timeoutMs = timeoutMs;
  }

  /** Adds a key; to be called before {@link send}. The signal fires when nobody wants this key any more. */
  add(key: string, signal: AbortSignal): Promise<PeerValue | undefined> {
    this.#wanted++;
    signal.addEventListener('abort', () => this.#leave(), { once: true });
    return new Promise((resolve, reject) => {
      const settle = ({ value, error }: PeerOutcome): void => {
        if (error === undefined) resolve(value);
        else reject(error);
      };
      this.#entries.push({ key, settle, fail: reject });
    });
  }

  /** Sends the request; what comes of it reaches the callers of {@link add}. */
  send(): void {
    this.#ask().then(
      (outcomes) => {
        for (const [index, entry] of this.#entries.entries()) entry.settle(outcomes[index] ?? {});
      },
      (error: unknown) => {
        for (const entry of this.#entries) entry.fail(error);
      },
    );
  }

  async #ask(): Promise<readonly PeerOutcome[]> {
    const keys = this.#entries.map((entry) => entry.key);
    const options = { signal: this.#controller.signal, timeoutMs: this.#timeoutMs };
    const outcomes = await this.#transport.getMany(this.owner, this.#group, keys, options);
    if (outcomes.length === keys.length) return outcomes;
    throw new PeerError(this.owner.id, `${outcomes.length} answers to ${keys.length} keys`);
  }

  #leave(): void {
    this.#wanted--;
    if (this.#wanted === 0) this.#controller.abort();
  }
}
