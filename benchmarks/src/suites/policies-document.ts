// What docs/policies.md says about the suite `policies`, and how its chart looks.

import type { BenchDocument } from '../document.ts';
import { dotChart } from '../dot-chart.ts';
import type { BenchRow } from '../report.ts';
import { type Measured, POLICIES, POLICY_NAMES } from './policies-subjects.ts';

const TITLE = 'The eviction policies compared';

const TEXT = `
What goes when the budget of a group is full is decided by its eviction policy: \`eviction\` in the options of a group and
in the configuration of the service. The default is LRU.

| | in a word | choose it when |
|---|---|---|
| \`lru\` | what was used least recently goes | you do not know better; what is new is asked for again |
| \`fifo\` | what came first goes | a hit must cost nothing at all |
| \`lfu\` | what was used least often goes; counts are halved over time | popularity hardly changes |
| \`sieve\` | what was not asked for since the hand came by goes ([NSDI'24](https://www.usenix.org/conference/nsdi24/presentation/zhang-yazhuo)) | hits must be cheap, and some keys are much more popular than others |
| \`s3-fifo\` | what was not asked for twice soon goes soon ([SOSP'23](https://dl.acm.org/doi/10.1145/3600006.3613147)) | many keys are asked for just once |
| \`w-tinylfu\` | what is less frequent than what would come goes ([TinyLFU](https://dl.acm.org/doi/10.1145/3149371)), with a window for what is new whose size is adapted | requests are mixed, change, or come in scans and loops, and there are at least some thousands of entries |

**How it is measured.** Each policy is given recorded requests of real systems, in their order; the cache starts empty, and
every miss inserts. The figure is the share of requests that hit. The size of the cache is a share of the distinct keys, or,
below, of the bytes of all values. In brackets stands the figure that was published with the traces, by another
implementation: LFU without ageing, W-TinyLFU with a window of 1% that is not adapted. MIN is Belady's optimum, which knows
the future. ARC is not among HgCache's policies. The parameters of W-TinyLFU were chosen on these traces; other
hashes of the same keys change its figures by up to some tenths of a point, and by 1.5 points on cp_vscsi_sized at 10%.
`;

const COST_TEXT = `
**What it costs.** The time of a hit, by Zipf's law, and of an eviction with an insertion, without the store around it, and
the memory of the policy for an entry. W-TinyLFU tries five sizes of its window on a sample of the keys all the time. The
sample has 2,048 entries at most; in caches of a few thousand entries and less that takes a few times as long for
each request, and up to some 100 bytes for each entry.
`;

/** The page for a full run. */
export function policiesDocument(measured: readonly Measured[], rows: readonly BenchRow[]): BenchDocument {
  return {
    suite: 'policies',
    title: TITLE,
    text: [TEXT.trim(), table(measured), COST_TEXT.trim()].join('\n\n'),
    rows,
    chart: dotChart({
      title: TITLE,
      subtitle: 'Share of requests that hit, in percent. The stroke is the optimum (MIN).',
      series: POLICY_NAMES,
      lines: measured.map(({ label, ratios, min }) => {
        return { label, figures: POLICY_NAMES.map((name) => ratios[name]), limit: min };
      }),
    }),
  };
}

function table(measured: readonly Measured[]): string {
  const lines = measured.map(({ label, ratios, reference, min }) => {
    const cells = POLICY_NAMES.map((name) => {
      const others = reference?.[POLICIES[name].column];
      return others === undefined
        ? ratios[name].toFixed(2)
        : `${ratios[name].toFixed(2)} (${others.toFixed(2)})`;
    });
    return [label, ...cells, reference?.arc.toFixed(2) ?? '', min?.toFixed(2) ?? ''];
  });
  return [
    `| trace, size | ${POLICY_NAMES.join(' | ')} | ARC | MIN |`,
    `|---|${'--:|'.repeat(POLICY_NAMES.length + 2)}`,
    ...lines.map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n');
}
