// A member of the cluster, as discovery finds it and placement places keys on it.

/** One node of the cluster. Two members with one id are the same member. */
export interface Member {
  /**
   * What stands on the ring, to the letter. With the HTTP transport it is the node's base URL, e.g.
   * `http://10.0.0.1:8001`, unless `addresses.http` gives another one.
   */
  readonly id: string;
  /** Where the member is reached, by the name of the transport. Without an entry, the id is the address. */
  readonly addresses?: Readonly<Record<string, string>>;
  /** The share of keys relative to other members; above 0, 1 by default. Rings of the Go family ignore it. */
  readonly weight?: number;
}
