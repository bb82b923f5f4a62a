import { describe, test } from 'vitest';
import { sourceContract } from './source-contract.ts';
import { createStaticSource } from './static-source.ts';

describe('static source', () => {
  for (const { name, run } of sourceContract) {
    test(name, () =>
      run(async (values) => createStaticSource({ type: 'static', values: Object.fromEntries(values) })),
    );
  }
});
