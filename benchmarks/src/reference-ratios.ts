// Hit ratios that others have published for the policies, on the traces that the suite `policies` reads.

/** How large a cache is. */
export type CacheSize =
  /** A share of the distinct keys of the trace. */
  | { readonly percent: number }
  /** A number of entries. */
  | { readonly entries: number };

/** The published hit ratios of a trace at a size, in percent of the requests. */
export interface ReferenceRatios {
  readonly trace: string;
  readonly size: CacheSize;
  readonly lru: number;
  readonly fifo: number;
  /** Without ageing. */
  readonly lfu: number;
  readonly sieve: number;
  readonly s3Fifo: number;
  /** With a fixed window of 1%, which is not adapted. */
  readonly wTinyLfu: number;
  /** A policy that HgCache does not have. */
  readonly arc: number;
  /** Belady's optimum. */
  readonly min: number;
}

type Row = readonly [string, CacheSize, number, number, number, number, number, number, number, number];

// Published with the traces: by a simulator that agrees to the last digit with published figures for LRU, FIFO, LFU and
// SIEVE (NSDI'24), and within 0.7 points with the simulator of Caffeine for W-TinyLFU. Capacity counts entries, caches
// start empty, and a miss always inserts. LRU, FIFO, LFU, SIEVE, S3-FIFO, W-TinyLFU, ARC, MIN:
const ROWS: readonly Row[] = [
  ['orm_busy', { percent: 0.1 }, 50.19, 49.77, 7.74, 40.19, 40.27, 29, 50.11, 59.97],
  ['orm_busy', { percent: 1 }, 77.03, 75.94, 17.1, 70.53, 75.67, 59.91, 76.75, 82.82],
  ['orm_busy', { percent: 10 }, 88.01, 86.79, 64.94, 88.11, 88.9, 86.66, 88.04, 93.31],
  ['web12', { percent: 0.1 }, 16.91, 16.67, 8.18, 15.76, 13.44, 12.89, 16.88, 34.19],
  ['web12', { percent: 1 }, 39.79, 37.71, 21.76, 40.35, 41.09, 35.29, 40.79, 58.54],
  ['web12', { percent: 10 }, 68.49, 64.54, 60.16, 71.68, 72.26, 70.83, 70.89, 80.04],
  ['arc_oltp', { percent: 0.1 }, 13.77, 12.93, 4.82, 9.1, 17.77, 19.68, 17.61, 35.01],
  ['arc_oltp', { percent: 1 }, 41.64, 36.59, 17.65, 40.3, 46.47, 41.48, 45.39, 59.76],
  ['arc_oltp', { percent: 10 }, 66.52, 63.34, 44.56, 66.66, 67.78, 64.22, 67.27, 76.21],
  ['cp_w106', { percent: 0.1 }, 68.26, 65.93, 45.41, 66.33, 66.69, 60.91, 67.23, 73.32],
  ['cp_w106', { percent: 1 }, 79.66, 77.68, 62.11, 80.31, 81.08, 79.71, 79.84, 84.76],
  ['cp_w106', { percent: 10 }, 91.42, 89.91, 86.81, 91.24, 91.78, 92.29, 91.73, 93.6],
  ['cp_vscsi_sized', { percent: 0.1 }, 9.78, 8.87, 9.42, 11.99, 12.47, 11.9, 12.33, 15.3],
  ['cp_vscsi_sized', { percent: 1 }, 16.21, 15.24, 15.03, 17.09, 16.96, 16.74, 17.25, 20.74],
  ['cp_vscsi_sized', { percent: 10 }, 19.51, 19.46, 20.93, 20.93, 24.75, 20.76, 22.72, 37.1],
  ['llm_mooncake', { percent: 0.1 }, 4.15, 3.74, 4.48, 4.48, 4.23, 4.46, 4.48, 8.72],
  ['llm_mooncake', { percent: 1 }, 5.23, 5.05, 5.82, 5.82, 7.49, 8.54, 6.46, 24.64],
  ['llm_mooncake', { percent: 10 }, 27.84, 25.58, 19.48, 19.48, 24.56, 18.84, 28.42, 36.64],
  ['mini/lirs_gli', { percent: 10 }, 0.91, 0.91, 1.38, 1.38, 1.21, 15, 1.38, 17.84],
  ['mini/lirs_loop', { entries: 500 }, 0, 0, 0, 0, 0, 48.84, 0, 49.36],
  ['mini/lirs_multi1', { percent: 10 }, 43.45, 34.12, 46.89, 46.89, 48.1, 49.12, 48.28, 52.76],
  ['mini/nasa_http_19950801', { percent: 10 }, 74.16, 68.86, 77.51, 78.85, 79.07, 79.51, 78.15, 85.28],
];

/** All of them, trace by trace. */
export const REFERENCE_RATIOS: readonly ReferenceRatios[] = ROWS.map(
  ([trace, size, lru, fifo, lfu, sieve, s3Fifo, wTinyLfu, arc, min]) => {
    return { trace, size, lru, fifo, lfu, sieve, s3Fifo, wTinyLfu, arc, min };
  },
);
