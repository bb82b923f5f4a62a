// LineIndex: finds the address of a record by the hash of its key, mostly with a single cache line read.

// A line is 64 bytes, as a cache line is: ten addresses, ten tags of 16 bits, and the number of the next line.
const LINE_WORDS = 16;
const LINE_SHIFT = 4;
const ENTRIES = 10;
const TAGS_AT = 20; // in 16-bit units
const NEXT_AT = 15;

/** A line's bytes. */
export const LINE_BYTES = 64;

// Lines grow one by one, so the index is never rehashed as a whole; this many of them are allocated at a time.
const CHUNK_SHIFT = 12;
const CHUNK_LINES = 1 << CHUNK_SHIFT;
const CHUNK_MASK = CHUNK_LINES - 1;

// Entries per line at which another line is added, and below which one is taken away.
const FULL = 7;
const SPARSE = 3;

/** What the index asks about a record whose address it has. Addresses are 32-bit words above 0. */
export interface IndexedRecords {
  /** Whether the record at `address` has the key that is looked for. */
  isSought(address: number): boolean;
  /** The hash of the key of the record at `address`. */
  hashAt(address: number): number;
}

interface Chunk {
  readonly words: Uint32Array;
  readonly tags: Uint16Array;
}

/**
 * Linear hashing (Litwin, 1980) over lines: when the lines are full on average, one more is added, and the entries
 * of one other line are shared out between the two. So every insertion does a small and bounded amount of work.
 * Entries that a line has no room for stand in further lines, which are chained to it.
 */
export class LineIndex {
  readonly #records: IndexedRecords;
  // Lines by number; overflow lines have numbers of their own, from 1 on.
  readonly #lines: Chunk[] = [];
  readonly #overflow: Chunk[] = [];
  #lineCount = 1;
  #overflowCount = 0;
  #freeOverflow = 0;
  #overflowInUse = 0;
  /** The lines at the beginning of this round of splitting, a power of two, less one. */
  #roundMask = 0;
  #size = 0;

  constructor(records: IndexedRecords) {
    this.#records = records;
    this.#lines.push(createChunk(1));
  }

  /** How many addresses it holds. */
  get size(): number {
    return this.#size;
  }

  /** What it takes, in bytes. */
  get bytes(): number {
    return (this.#lineCount + this.#overflowCount) * LINE_BYTES;
  }

  /** The address of the record that is sought, whose key has this hash; 0 when there is none. */
  find(hash: number): number {
    const tag = hash >>> 16;
    const line = this.#lineOf(hash);
    let { words, tags } = this.#lines[line >>> CHUNK_SHIFT] as Chunk;
    let base = (line & CHUNK_MASK) << LINE_SHIFT;
    for (;;) {
      const firstTag = (base << 1) + TAGS_AT;
      for (let at = 0; at < ENTRIES; at++) {
        if (tags[firstTag + at] !== tag) continue;
        const address = words[base + at] as number;
        if (address !== 0 && this.#records.isSought(address)) return address;
      }
      const next = words[base + NEXT_AT] as number;
      if (next === 0) return 0;
      ({ words, tags } = this.#overflow[next >>> CHUNK_SHIFT] as Chunk);
      base = (next & CHUNK_MASK) << LINE_SHIFT;
    }
  }

  /** Adds the address of a record whose key has this hash and is not in the index. */
  insert(hash: number, address: number): void {
    this.#put(hash, address);
    this.#size++;
    if (this.#size > this.#lineCount * FULL) this.#split();
  }

  /** Takes an address out, which it must hold. */
  remove(hash: number, address: number): void {
    this.#locate(hash, address, 0);
    this.#size--;
    if (this.#size < this.#lineCount * SPARSE && this.#lineCount > 1) this.#merge();
  }

  /** Notes that a record has moved. */
  move(hash: number, from: number, to: number): void {
    this.#locate(hash, from, to);
  }

  /** Forgets everything, and gives its memory back. */
  clear(): void {
    this.#lines.length = 0;
    this.#lines.push(createChunk(1));
    this.#dropOverflow();
    this.#lineCount = 1;
    this.#roundMask = 0;
    this.#size = 0;
  }

  #lineOf(hash: number): number {
    const line = hash & ((this.#roundMask << 1) | 1);
    return line < this.#lineCount ? line : hash & this.#roundMask;
  }

  #put(hash: number, address: number): void {
    const first = this.#lineOf(hash);
    let chunks = this.#lines;
    let line = first;
    for (;;) {
      const { words, tags } = chunks[line >>> CHUNK_SHIFT] as Chunk;
      const base = (line & CHUNK_MASK) << LINE_SHIFT;
      for (let at = 0; at < ENTRIES; at++) {
        if (words[base + at] !== 0) continue;
        words[base + at] = address;
        tags[(base << 1) + TAGS_AT + at] = hash >>> 16;
        return;
      }
      if (words[base + NEXT_AT] === 0) {
        const next = this.#takeOverflow();
        // Taking one may have put a larger chunk in place of this one.
        (chunks[line >>> CHUNK_SHIFT] as Chunk).words[base + NEXT_AT] = next;
        line = next;
      } else {
        line = words[base + NEXT_AT] as number;
      }
      chunks = this.#overflow;
    }
  }

  /** Replaces an address by another one, or by 0, which is a hole. */
  #locate(hash: number, address: number, replacement: number): void {
    const line = this.#lineOf(hash);
    let chunk = this.#lines[line >>> CHUNK_SHIFT] as Chunk;
    let base = (line & CHUNK_MASK) << LINE_SHIFT;
    for (;;) {
      const { words } = chunk;
      for (let at = 0; at < ENTRIES; at++) {
        if (words[base + at] !== address) continue;
        words[base + at] = replacement;
        return;
      }
      const next = words[base + NEXT_AT] as number;
      if (next === 0) throw new Error('the index has lost a record');
      chunk = this.#overflow[next >>> CHUNK_SHIFT] as Chunk;
      base = (next & CHUNK_MASK) << LINE_SHIFT;
    }
  }

  /** Adds a line, and shares the entries of the one that comes next in this round out between the two. */
  #split(): void {
    const added = this.#addLine();
    this.#redistribute(added & this.#roundMask);
  }

  /** Takes the last line away, and gives its entries to the one that it was split from. */
  #merge(): void {
    const last = this.#lineCount - 1;
    this.#lineCount = last;
    if (last <= this.#roundMask) this.#roundMask >>>= 1;
    this.#redistribute(last);
    if ((last & CHUNK_MASK) === 0) this.#lines.length = last >>> CHUNK_SHIFT;
  }

  #addLine(): number {
    const line = this.#lineCount++;
    const chunk = line >>> CHUNK_SHIFT;
    const lastOfRound = (this.#roundMask << 1) | 1;
    if (line > lastOfRound) this.#roundMask = lastOfRound;
    const lines = this.#lines[chunk];
    if (lines === undefined) this.#lines.push(createChunk(CHUNK_LINES));
    else if ((line & CHUNK_MASK) >= lines.words.length >>> LINE_SHIFT) this.#lines[chunk] = doubled(lines);
    return line;
  }

  /** Empties a line and its overflow, and puts every entry where it belongs now. */
  #redistribute(line: number): void {
    const { words } = this.#lines[line >>> CHUNK_SHIFT] as Chunk;
    const addresses: number[] = [];
    let chunkWords = words;
    let base = (line & CHUNK_MASK) << LINE_SHIFT;
    let overflow = 0;
    for (;;) {
      for (let at = 0; at < ENTRIES; at++) {
        const address = chunkWords[base + at] as number;
        if (address !== 0) addresses.push(address);
      }
      const next = chunkWords[base + NEXT_AT] as number;
      chunkWords.fill(0, base, base + LINE_WORDS);
      if (overflow !== 0) this.#giveOverflow(overflow);
      if (next === 0) break;
      overflow = next;
      chunkWords = (this.#overflow[next >>> CHUNK_SHIFT] as Chunk).words;
      base = (next & CHUNK_MASK) << LINE_SHIFT;
    }
    for (const address of addresses) this.#put(this.#records.hashAt(address), address);
  }

  #takeOverflow(): number {
    this.#overflowInUse++;
    const free = this.#freeOverflow;
    if (free !== 0) {
      const { words } = this.#overflow[free >>> CHUNK_SHIFT] as Chunk;
      const at = ((free & CHUNK_MASK) << LINE_SHIFT) + NEXT_AT;
      this.#freeOverflow = words[at] as number;
      words[at] = 0;
      return free;
    }
    this.#overflowCount++;
    const line = this.#overflowCount;
    const chunk = this.#overflow[line >>> CHUNK_SHIFT];
    if (chunk === undefined) this.#overflow.push(createChunk(line < CHUNK_LINES ? 2 : CHUNK_LINES));
    else if ((line & CHUNK_MASK) >= chunk.words.length >>> LINE_SHIFT) {
      this.#overflow[line >>> CHUNK_SHIFT] = doubled(chunk);
    }
    return line;
  }

  #giveOverflow(line: number): void {
    const { words } = this.#overflow[line >>> CHUNK_SHIFT] as Chunk;
    words[((line & CHUNK_MASK) << LINE_SHIFT) + NEXT_AT] = this.#freeOverflow;
    this.#freeOverflow = line;
    this.#overflowInUse--;
    if (this.#overflowInUse === 0) this.#dropOverflow();
  }

  #dropOverflow(): void {
    this.#overflow.length = 0;
    this.#overflowCount = 0;
    this.#freeOverflow = 0;
    this.#overflowInUse = 0;
  }
}

function createChunk(lines: number): Chunk {
  const words = new Uint32Array(lines * LINE_WORDS);
  return { words, tags: new Uint16Array(words.buffer) };
}

/** Only the first chunk begins small, so that a small cache has a small index. */
function doubled(chunk: Chunk): Chunk {
  const next = createChunk((chunk.words.length >>> LINE_SHIFT) * 2);
  next.words.set(chunk.words);
  return next;
}
