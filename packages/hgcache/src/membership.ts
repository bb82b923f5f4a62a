// Membership: the members as this node sees them, and the placement that is in force for them.

import type { Hooks } from './hooks.ts';
import type { Member } from './member.ts';
import type { Placement, PlacementTable } from './placement/placement.ts';

/** Turns lists of members into placements, one at a time; of lists that come meanwhile only the latest counts. */
export class Membership {
  readonly #self: Member;
  readonly #placement: Placement;
  readonly #hooks: Hooks;
  #table: PlacementTable | undefined;
  #peers: readonly Member[] = [];
  #next: readonly Member[] | undefined;
  #placing: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(self: Member, placement: Placement, hooks: Hooks) {
    this.#self = self;
    this.#placement = placement;
    this.#hooks = hooks;
  }

  /** All members, sorted by id; before the first list, this node alone. */
  get members(): readonly Member[] {
    return this.#table?.members ?? [this.#self];
  }

  /** All members but this node. */
  get peers(): readonly Member[] {
    return this.#peers;
  }

  /** The owner of a key; this node itself while it knows of no member. */
  ownerOf(key: string): Member {
    return this.#table?.ownerOf(key) ?? this.#self;
  }

  /** Takes a complete list of members. Until its placement has been built, the last one stays in force. */
  update(members: readonly Member[]): void {
    this.#next = members;
    this.#placing ??= this.#placeAll();
  }

  /** Resolves when no placement is under way; rejects when the last list could not be placed. */
  async settled(): Promise<void> {
    await this.#placing;
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #placeAll(): Promise<void> {
    while (this.#next !== undefined) {
      const members = this.#next;
      this.#next = undefined;
      try {
        this.#install(await this.#placement.place(members));
        this.#failure = undefined;
      } catch (error) {
        // The placement in force stays; the next list has its chance.
        this.#failure = { error };
        this.#hooks.onError?.({ error, where: 'placement' });
      }
    }
    this.#placing = undefined;
  }

  #install(table: PlacementTable): void {
    this.#table = table;
    this.#peers = table.members.filter((member) => member.id !== this.#self.id);
    this.#hooks.onMembers?.({ members: table.members });
  }
}
