// sourceLoader: the loader of a group that asks a source.

import { type ByteView, type Loader, StoppedError } from 'hgcache';
import type { Source } from './sources/source.ts';

/** A load was given up, as nobody waits for it any more or the server stops: the origin has not failed. */
export class AbandonedLoadError extends Error {
  constructor(cause: unknown) {
    super('the load was given up', { cause });
    this.name = 'AbandonedLoadError';
  }
}

/** Loads from a source; rejects with {@link AbandonedLoadError} when that is not the source's fault. */
export function sourceLoader(source: Source): Loader<ByteView> {
  return async (key, context) => {
    try {
      return await source.load(key, context);
    } catch (error) {
      const { aborted, reason } = context.signal;
      throw error instanceof StoppedError || (aborted && error === reason)
        ? new AbandonedLoadError(error)
        : error;
    }
  };
}
