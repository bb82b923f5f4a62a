// What a group counts: since the node was made, and as of now.

/** The figures of one group at one node. Counters only ever grow. */
export interface GroupStats {
  /** Keys asked for by this node's callers, each key of a `getMany` counted. */
  readonly gets: number;
  /** Of these, how many were in this node's store. */
  readonly hits: number;
  /** Keys asked for by peers. */
  readonly peerRequests: number;
  /** Of these, how many were in this node's store. */
  readonly peerRequestHits: number;
  /** Keys that this node asked a peer for, callers that shared one request counted once. */
  readonly peerFetches: number;
  /** Of these, how many a peer could not answer, so that they were loaded here. */
  readonly peerFailures: number;
  /** Calls of the loader. */
  readonly loads: number;
  /** Of these, how many failed, or took too long. */
  readonly loadFailures: number;
  /** Entries in the store now. */
  readonly entries: number;
  /** What the store takes of the budget, in bytes. */
  readonly bytes: number;
  /** What of that are entries, and not bookkeeping or memory that is kept free, in bytes. */
  readonly liveBytes: number;
  /** Values that are popular here, and are kept decoded. */
  readonly hotEntries: number;
  /** The budget, in bytes. */
  readonly maxBytes: number;
  /** Entries that went because the budget was full. */
  readonly evictions: number;
}

/** The counters behind {@link GroupStats}, counted up where things happen. */
export class GroupCounters {
  gets = 0;
  hits = 0;
  peerRequests = 0;
  peerRequestHits = 0;
  peerFetches = 0;
  peerFailures = 0;
  loads = 0;
  loadFailures = 0;
}
