// What the suite `policies` compares: the policies, and the form of what is measured of them.

import {
  createFifo,
  createLfu,
  createLru,
  createS3Fifo,
  createSieve,
  createWTinyLfu,
  type EvictionPolicyFactory,
} from 'hgcache';
import type { ReferenceRatios } from '../reference-ratios.ts';

/** The name of a policy, as in the configuration. */
export type PolicyName = 'lru' | 'fifo' | 'lfu' | 'sieve' | 's3-fifo' | 'w-tinylfu';

/** A policy, and its column in the table of published figures. */
export interface PolicySubject {
  readonly create: EvictionPolicyFactory;
  readonly column: Exclude<keyof ReferenceRatios, 'trace' | 'size'>;
}

/** The policies in the order in which they are listed. */
export const POLICIES: Readonly<Record<PolicyName, PolicySubject>> = {
  lru: { create: createLru, column: 'lru' },
  fifo: { create: createFifo, column: 'fifo' },
  lfu: { create: createLfu, column: 'lfu' },
  sieve: { create: createSieve, column: 'sieve' },
  's3-fifo': { create: createS3Fifo, column: 's3Fifo' },
  'w-tinylfu': { create: createWTinyLfu, column: 'wTinyLfu' },
};

/** The names in the same order. */
export const POLICY_NAMES: readonly PolicyName[] = Object.keys(POLICIES) as PolicyName[];

/** The hit ratios of a trace at a size. */
export interface Measured {
  readonly label: string;
  readonly ratios: Readonly<Record<PolicyName, number>>;
  readonly reference?: ReferenceRatios;
  /** Belady's optimum, where all entries have one size. */
  readonly min?: number;
}
