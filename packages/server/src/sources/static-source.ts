// The static source: a fixed map out of the configuration, for trials.

import { ByteView, StoppedError } from 'hgcache';
import type { StaticSourceConfig } from '../config/config.ts';
import type { Source } from './source.ts';

/** A source that knows these values and nothing else; they are read once. */
export function createStaticSource(config: StaticSourceConfig): Source {
  // A map, as a key such as `constructor` would be found in an object that never had it.
  const values = new Map(Object.entries(config.values).map(([key, value]) => [key, ByteView.from(value)]));
  let isClosed = false;
  return {
    load: async (key, { signal }) => {
      if (isClosed) throw new StoppedError();
      signal.throwIfAborted();
      return values.get(key);
    },
    close: async () => {
      isClosed = true;
    },
  };
}
