// The part of the soak that looks at the memory of the process: it must follow what the store says that it takes.

import { ByteView, createLru, systemClock } from 'hgcache';
import { ByteStore, createSeededRandom } from 'hgcache/internal/store';

const MIB = 1024 * 1024;
const MAX_BYTES = 256 * MIB;

/** How far the process may be from the store's account, as a share of the budget. */
const TOLERANCE = 0.1;
// Where the store has just given memory back: glibc keeps some of it for later, unless it is started with
// MALLOC_MMAP_THRESHOLD_=131072 in its environment, which makes these phases as exact as the others.
const TOLERANCE_AFTER_RETURN = 0.2;

interface Phase {
  readonly name: string;
  readonly tolerance?: number;
  readonly run: (store: ByteStore) => void;
}

const random = createSeededRandom(1);
const source = ByteView.from(Buffer.alloc(100_000, 'value'));

const PHASES: readonly Phase[] = [
  { name: 'half full', run: (store) => write(store, 700_000, () => 100) },
  { name: 'full of small values', run: (store) => write(store, 4_000_000, () => 100) },
  {
    name: 'full of mixed values',
    tolerance: TOLERANCE_AFTER_RETURN,
    run: (store) => write(store, 400_000, () => 10 * 10 ** (random() * 4)),
  },
  { name: 'full of small values again', run: (store) => write(store, 4_000_000, () => 100) },
  { name: 'cleared', tolerance: TOLERANCE_AFTER_RETURN, run: (store) => store.clear() },
];

function write(store: ByteStore, keys: number, sizeOf: () => number): void {
  for (let key = 0; key < keys; key++) {
    store.set(`user:${String(key).padStart(11, '0')}`, source.slice(0, sizeOf()), 0);
  }
}

/** What each phase took, line by line. Throws when that and the store's account differ by too much. */
export function* checkResidentMemory(): Generator<string> {
  const create = (maxBytes: number): ByteStore =>
    new ByteStore({ maxBytes, eviction: createLru, clock: systemClock, random });
  // What compiled code and a heap that has been used take is not the store's.
  write(create(4 * MIB), 100_000, () => 100);
  const before = residentBytes();
  const store = create(MAX_BYTES);
  for (const { name, tolerance = TOLERANCE, run } of PHASES) {
    run(store);
    const { bytes } = store.usage();
    const resident = residentBytes() - before;
    const line = `${name}: ${mib(resident)} resident, ${mib(bytes)} accounted for, of ${mib(MAX_BYTES)}`;
    if (Math.abs(resident - bytes) > tolerance * MAX_BYTES) throw new Error(line);
    yield line;
  }
  store.close();
}

/** Without the JavaScript heap, which grows with the garbage that writing makes, and which the store does not use. */
function residentBytes(): number {
  if (globalThis.gc === undefined) throw new Error('needs --expose-gc');
  globalThis.gc();
  globalThis.gc();
  const { rss, heapTotal } = process.memoryUsage();
  return rss - heapTotal;
}

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}
