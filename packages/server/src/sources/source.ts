// The port of the sources: where the standalone server fetches the values of a group from.

import type { ByteView } from 'hgcache';

/** What a source is told besides the key. */
export interface SourceContext {
  /** Fires when nobody waits for the value any more; `load` then rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/** Reads values from one origin. Loads run concurrently; the group bounds how many. */
export interface Source {
  /**
   * The value of a key, or `undefined` when the origin has none. Rejects with `LoadError` when the origin cannot
   * be asked, with `InvalidValueError` when what it gave is no value, and with `StoppedError` after `close`.
   */
  load(key: string, context: SourceContext): Promise<ByteView | undefined>;
  /** Ends what is outstanding and lets go of the origin. It may be called more than once. */
  close(): Promise<void>;
}
