import { KeyRefused } from '../key-refused.js';
import type { IngressSettingsRow } from './ingress-settings.entity.js';
import { columnsOf, settingsOf, type IngressChange, type IngressEnvironment } from './ingress-settings.js';

const environment: IngressEnvironment = {
  IP_ALLOW_LIST: ['192.0.2.0/24'],
  OPERATOR_IP_ALLOW_LIST: [],
  TRUSTED_PROXIES: ['10.0.0.1'],
  CLIENT_IP_SOURCE: 'x_forwarded_for',
  FORWARDED_DEPTH: 0,
};
const row = (over: Partial<IngressSettingsRow> = {}): IngressSettingsRow => ({
  singleton: true,
  allowList: null,
  operatorAllowList: null,
  trustedProxies: null,
  source: null,
  depth: null,
  version: 3,
  updatedAt: new Date(0),
  ...over,
});

describe('what holds of the ingress rules', () => {
  it('is what the environment says, where no operator has set anything', () => {
    const expected = {
      allowList: ['192.0.2.0/24'],
      operatorAllowList: [],
      trustedProxies: ['10.0.0.1/32'],
      source: 'x_forwarded_for',
      depth: 0,
    };
    expect(settingsOf(null, environment)).toEqual({ ...expected, version: 0 });
    expect(settingsOf(row(), environment)).toEqual({ ...expected, version: 3 });
  });

  it('is what an operator has set, field by field, an empty list and 0 included', () => {
    const set = row({ allowList: [], operatorAllowList: ['::1'], source: 'peer', depth: 2 });
    expect(settingsOf(set, environment)).toMatchObject({
      allowList: [],
      operatorAllowList: ['::1/128'],
      trustedProxies: ['10.0.0.1/32'],
      source: 'peer',
      depth: 2,
    });
    expect(settingsOf(row({ depth: 0 }), { ...environment, FORWARDED_DEPTH: 4 }).depth).toBe(0);
  });

  it('lets nobody in by a list that holds one thing that is no block, and everybody else by the other', () => {
    const broken = settingsOf(row({ allowList: ['192.0.2.0/24', 'here'] }), environment);
    expect([broken.allowList, broken.operatorAllowList]).toEqual(['nobody', []]);
  });

  it('lets nobody in at all when our own proxies are not known', () => {
    const broken = settingsOf(row({ trustedProxies: ['10.0.0.0/99'] }), environment);
    expect(broken).toMatchObject({ allowList: 'nobody', operatorAllowList: 'nobody', trustedProxies: [] });
  });
});

describe('a change of the ingress rules', () => {
  it('sets what it names, as blocks, and leaves the rest', () => {
    expect(columnsOf({})).toEqual([]);
    expect(columnsOf({ allowList: ['192.0.2.7', '::ffff:192.0.2.7'], trustedProxies: null, depth: 0 })).toEqual([
      ['allow_list', ['192.0.2.7/32']],
      ['trusted_proxies', null],
      ['depth', 0],
    ]);
  });

  it.each<[string, IngressChange]>([
    ['what is no block', { allowList: ['here'] }],
    ['what is no block of proxies', { trustedProxies: ['10.0.0.0/99'] }],
    ['what is no block of operators', { operatorAllowList: [''] }],
    ['an unknown source', { source: 'forwarded' as 'peer' }],
    ['a depth of more than 16', { depth: 17 }],
    ['half a depth', { depth: 0.5 }],
    ['a depth below 0', { depth: -1 }],
    ['more than a thousand entries', { allowList: Array.from({ length: 1_001 }, () => '::1') }],
  ])('is refused with %s', (_, change) => {
    expect(() => columnsOf(change)).toThrow(KeyRefused);
  });
});
