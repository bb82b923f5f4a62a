import { describe, expect, it } from 'vitest';
import { ConfigError } from '../errors.ts';
import type { Member } from '../member.ts';
import { discoveryContract } from '../testing/discovery-contract.ts';
import { createStaticDiscovery } from './static-discovery.ts';

const OTHERS = ['http://10.0.0.2:8001', 'http://10.0.0.3:8001'];

describe('static discovery', () => {
  for (const { name, run } of discoveryContract) {
    it(name, () => run((self) => createStaticDiscovery([...OTHERS, self])));
  }

  it('tells the members in the order of the list, ids and whole members alike', async () => {
    const whole: Member = { id: 'b', addresses: { http: 'http://10.0.0.9:8001' }, weight: 3 };
    expect(await membersOf(['c', whole, 'a'], 'a')).toEqual([{ id: 'c' }, whole, { id: 'a' }]);
  });

  it('keeps its members when the list that it was given changes', async () => {
    const members = [{ id: 'a', weight: 1 }];
    const discovery = createStaticDiscovery(members);
    members[0] = { id: 'b', weight: 1 };
    let told: readonly Member[] = [];
    await discovery.start({ id: 'a' }, (list) => {
      told = list;
    });
    expect(told).toEqual([{ id: 'a', weight: 1 }]);
    expect(() => Object.assign(told[0] as Member, { id: 'c' })).toThrow(TypeError);
  });

  it('does not start when self is not in the list to the letter, and lists what is', async () => {
    const start = membersOf(['http://a:8001', 'http://b:8001'], 'http://a:8001/');
    await expect(start).rejects.toThrow(ConfigError);
    await expect(start).rejects.toThrow(
      "self must match one of the members to the letter; 'http://a:8001/' is none of 'http://a:8001', 'http://b:8001'",
    );
  });

  const bad: readonly [string, unknown, RegExp][] = [
    ['an empty list', [], /at least one member/],
    ['no list', 'http://a:8001', /members must be a list, not 'http:\/\/a:8001'/],
    ['an empty id', ['a', ''], /members\[1\]\.id must be a string that is not empty, not ''/],
    ['a member without an id', [{ weight: 1 }], /members\[0\]\.id must be a string .* undefined/],
    ['a member that is nothing', [null], /members\[0\] must be a member with an id, not null/],
    ['a duplicate id', ['a', 'b', { id: 'a' }], /members\[2\] has the id 'a' of members\[0\]/],
    ['a field that no member has', [{ id: 'a', wieght: 2 }], /members\[0\]\.wieght is unknown.*weight/],
    ['a weight that makes no sense', [{ id: 'a', weight: 0 }], /members\[0\]\.weight must be above 0/],
  ];
  for (const [what, members, message] of bad) {
    it(`refuses ${what}`, () => {
      expect(() => createStaticDiscovery(members as string[])).toThrow(ConfigError);
      expect(() => createStaticDiscovery(members as string[])).toThrow(message);
    });
  }
});

/** What `self` is told by a discovery of these members. */
async function membersOf(members: readonly (string | Member)[], self: string): Promise<readonly Member[]> {
  const discovery = createStaticDiscovery(members);
  let told: readonly Member[] = [];
  await discovery.start({ id: self }, (list) => {
    told = list;
  });
  await discovery.stop();
  return told;
}
