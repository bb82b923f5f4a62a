import { describe, expect, it } from 'vitest';
import { ConfigError } from './errors.ts';
import { checkMembers, MAX_WEIGHT, MIN_WEIGHT } from './member-list.ts';

describe('checkMembers', () => {
  it('takes no members, and members with an id of their own', () => {
    checkMembers([]);
    checkMembers([{ id: 'a' }, { id: 'A', addresses: { http: 'http://a' }, weight: 0.5 }]);
  });

  it('takes weights up to the limits and none beyond', () => {
    for (const weight of [MIN_WEIGHT, MAX_WEIGHT]) checkMembers([{ id: 'a', weight }]);
    for (const weight of [MIN_WEIGHT / 2, MAX_WEIGHT * 1.001, Number.MIN_VALUE, Number.NaN, '1' as never]) {
      expect(() => checkMembers([{ id: 'a', weight }])).toThrow(ConfigError);
    }
  });
});
