// Finds the groups whose budget is too small for any entry: they would cache nothing, without a word.

import { ByteView, bytesCodec, HgCache, InvalidValueError } from 'hgcache';
import type { GroupConfig } from './config/config.ts';

// Above it there is room for an entry, however much the store keeps about it.
const SURELY_ENOUGH_BYTES = 1024 * 1024;

/** The names of the groups that not even the smallest entry fits into, found out with nodes that nobody talks to. */
export async function findTinyGroups(groups: readonly GroupConfig[]): Promise<string[]> {
  const names: string[] = [];
  for (const { name, maxBytes } of groups) {
    if (maxBytes < SURELY_ENOUGH_BYTES && !(await holdsAnEntry(maxBytes))) names.push(name);
  }
  return names;
}

async function holdsAnEntry(maxBytes: number): Promise<boolean> {
  const cache = new HgCache();
  const group = cache.group('trial', { maxBytes, codec: bytesCodec, load: () => undefined });
  try {
    await group.set('k', ByteView.from(''));
    return true;
  } catch (error) {
    if (error instanceof InvalidValueError) return false;
    throw error;
  } finally {
    await cache.stop();
  }
}
