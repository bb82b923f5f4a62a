// SlotMatching: shares the slots of the balanced placement out among the members, each by its weight.

import { murmur3 } from '../murmur3.ts';
import { type LoopTurns, STEPS_PER_LOOK } from './loop-turns.ts';

/** What stands in a slot that nobody holds yet. */
export const NOBODY = 0xffff;

// How many standard deviations of chance a member may hold above its share. Less evens out the load, and makes a
// change of members move more slots than it must; at 1.75 neither comes near its limit at up to 1,000 members.
const SLACK_DEVIATIONS = 1.75;

// How far the horizon goes on per round: a quarter of the time in which each member proposes once per slot of its
// share, later an eighth of the horizon, as ever fewer slots are left.
const FIRST_STEP = 0.25;
const LATER_STEP = 1 / 8;

/** What the matching knows of a member. */
export interface Contender {
  readonly id: string;
  readonly weight: number;
}

/**
 * Weighted rendezvous hashing with a bound on the load, as a stable matching.
 *
 * - **Rendezvous.** Every member meets every slot at a time of its own, an exponential deviate divided by its
 *   weight, and the slot goes to the member that is there first: then each gets slots in proportion to its weight,
 *   and a join or a leave moves only slots of the member in question (Thaler and Ravishankar, 1998; with weights:
 *   Schindelhauer and Schomaker, "Weighted Distributed Hash Tables", 2005; draft-ietf-bess-weighted-hrw).
 * - **Even times.** The times of a member are not drawn independently. It visits the slots in an order of its own
 *   (a permutation keyed by its id), and the k-th visit happens at the mean of the k-th smallest of so many
 *   deviates, 1/n + 1/(n-1) + … (Rényi's representation). That halves the variance, needs no logarithm, which
 *   machines may round differently, and finds the visits in their order without computing all of them.
 * - **Bound.** A member that holds as many slots as it may takes no more, and the slot goes to the next one. Who
 *   holds what in the end is the stable matching of members, who prefer early visits, and slots, who do so too
 *   (Gale and Shapley, 1962, members propose). It is the same whatever the order of proposals.
 */
export class SlotMatching {
  /** The index of each slot's member in the list that was given. */
  readonly holders: Uint16Array;

  readonly #contenders: readonly Contender[];
  readonly #turns: LoopTurns;
  readonly #slots: number;
  // Of each slot: when its holder was there.
  readonly #heldSince: Float64Array;
  // When the k-th visit happens, at weight 1.
  readonly #visits: Float64Array;
  // Of each member: the key of its permutation, 1 / weight, the next visit, slots held and allowed.
  readonly #permutations: Int32Array;
  readonly #paces: Float64Array;
  readonly #nextVisits: Int32Array;
  readonly #held: Int32Array;
  readonly #limits: Int32Array;
  // Members with proposals to make before the horizon, and whether a member is among them.
  readonly #proposers: number[] = [];
  readonly #isProposing: Uint8Array;
  #free: number;

  /** `slots` is a power of two from 2^10 to 2^20; the members are 1 to 65,535 with distinct ids, in one order. */
  constructor(contenders: readonly Contender[], slots: number, turns: LoopTurns) {
    const members = contenders.length;
    this.#contenders = contenders;
    this.#turns = turns;
    this.#slots = slots;
    this.#free = slots;
    this.holders = new Uint16Array(slots).fill(NOBODY);
    this.#heldSince = new Float64Array(slots).fill(Number.POSITIVE_INFINITY);
    this.#visits = new Float64Array(slots);
    this.#permutations = new Int32Array(4 * members);
    this.#paces = new Float64Array(members);
    this.#nextVisits = new Int32Array(members);
    this.#held = new Int32Array(members);
    this.#limits = new Int32Array(members);
    this.#isProposing = new Uint8Array(members);
  }

  /** Computes `holders`, and gives the event loop its turn meanwhile. */
  async run(): Promise<void> {
    await this.#timeVisits();
    const totalWeight = await this.#admitMembers();
    for (let horizon = FIRST_STEP; ; horizon += Math.max(FIRST_STEP, horizon * LATER_STEP)) {
      await this.#proposeUntil(horizon / totalWeight);
      // Whoever has proposals left would be later than every holder.
      if (this.#free === 0) return;
    }
  }

  async #timeVisits(): Promise<void> {
    let time = 0;
    await this.#turns.split(this.#slots, (from, to) => {
      for (let visit = from; visit < to; visit++) {
        time += 1 / (this.#slots - visit);
        this.#visits[visit] = time;
      }
    });
  }

  async #admitMembers(): Promise<number> {
    let totalWeight = 0;
    for (const { weight } of this.#contenders) totalWeight += weight;
    for (const [member, { id, weight }] of this.#contenders.entries()) {
      for (let word = 0; word < 4; word++) this.#permutations[4 * member + word] = murmur3(id, word + 1);
      this.#paces[member] = 1 / weight;
      const share = (this.#slots * weight) / totalWeight;
      const slack = SLACK_DEVIATIONS * Math.sqrt(share / 2);
      // The fraction is rounded up here and down there, by chance: rounded alike, the bounds of all members would
      // change at one and the same number of members, and that join would move too much. And every member may hold
      // at least its share, so that all slots together find a holder.
      this.#limits[member] = Math.floor(share + Math.max(1, slack) + murmur3(id, 5) / 2 ** 32);
      if (this.#turns.isOver()) await this.#turns.next();
    }
    return totalWeight;
  }

  /** Every member makes the visits that are due by the horizon, unless it holds all that it may. */
  async #proposeUntil(horizon: number): Promise<void> {
    for (let member = this.#contenders.length - 1; member >= 0; member--) this.#wake(member);
    for (;;) {
      const member = this.#proposers.pop();
      if (member === undefined) return;
      this.#isProposing[member] = 0;
      this.#propose(member, horizon);
      if (this.#turns.isOver()) await this.#turns.next();
    }
  }

  #propose(member: number, horizon: number): void {
    const holders = this.holders;
    const heldSince = this.#heldSince;
    const mask = this.#slots - 1;
    const pace = this.#paces[member] as number;
    const limit = this.#limits[member] as number;
    const factor1 = (this.#permutations[4 * member] as number) | 1;
    const factor2 = (this.#permutations[4 * member + 1] as number) | 1;
    const factor3 = (this.#permutations[4 * member + 2] as number) | 1;
    const offset = this.#permutations[4 * member + 3] as number;
    let held = this.#held[member] as number;
    let visit = this.#nextVisits[member] as number;
    const last = Math.min(visit + STEPS_PER_LOOK, this.#slots);

    while (visit < last && held < limit) {
      const time = (this.#visits[visit] as number) * pace;
      if (time > horizon) break;
      // A bijection of the slots: odd factors and shifted xors can be undone. All three factors are needed, or the
      // orders of two members are alike now and then.
      let slot = Math.imul(visit, factor1) + offset;
      slot = Math.imul((slot & mask) ^ ((slot & mask) >>> 9), factor2);
      slot = Math.imul((slot & mask) ^ ((slot & mask) >>> 8), factor3) + (offset >>> 7);
      slot = (slot & mask) ^ ((slot & mask) >>> 9);
      visit++;

      const since = heldSince[slot] as number;
      if (time > since) continue;
      const holder = holders[slot] as number;
      if (time === since && !this.#winsTie(slot, member, holder)) continue;
      if (holder === NOBODY) this.#free--;
      else this.#displace(holder);
      holders[slot] = member;
      heldSince[slot] = time;
      held++;
    }

    this.#held[member] = held;
    this.#nextVisits[member] = visit;
    if (visit === last && visit < this.#slots) this.#wake(member);
  }

  /** Takes a slot from its holder, which looks for another one if it had all that it may hold. */
  #displace(holder: number): void {
    const held = this.#held[holder] as number;
    this.#held[holder] = held - 1;
    if (held === this.#limits[holder]) this.#wake(holder);
  }

  #wake(member: number): void {
    if (this.#isProposing[member] === 1) return;
    this.#isProposing[member] = 1;
    this.#proposers.push(member);
  }

  /** Equal times are common where weights are equal; chance decides, so that no member gains by its name. */
  #winsTie(slot: number, member: number, holder: number): boolean {
    const mine = this.#tieBreak(slot, member);
    const theirs = this.#tieBreak(slot, holder);
    return mine < theirs || (mine === theirs && member < holder);
  }

  #tieBreak(slot: number, member: number): number {
    return Math.imul(slot ^ (this.#permutations[4 * member + 3] as number), 0x9e3779b1) >>> 0;
  }
}
