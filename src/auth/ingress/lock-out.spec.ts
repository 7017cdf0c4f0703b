import type { IngressSettings } from './ingress-settings.js';
import { lockOut } from './lock-out.js';

const OPEN: IngressSettings = {
  allowList: [],
  operatorAllowList: [],
  trustedProxies: ['10.0.0.0/8'],
  source: 'x_forwarded_for',
  depth: 0,
  version: 1,
};
const ME = '192.0.2.7';

describe('a change of the ingress rules locks', () => {
  it.each<[string, Partial<IngressSettings>]>([
    ['while everybody may come', { trustedProxies: [], depth: 2 }],
    ['whose address is on the list', { operatorAllowList: ['192.0.2.0/24'] }],
    ['by the list of the callers', { allowList: ['198.51.100.0/24'] }],
  ])('nobody out %s', (_, change) => {
    expect(lockOut(OPEN, { ...OPEN, ...change }, ME)).toBeUndefined();
  });

  it.each<[string, Partial<IngressSettings>, string]>([
    ['whose address is on no list', { operatorAllowList: ['198.51.100.0/24'] }, `Your own address, ${ME}`],
    ['by a list that nobody is on', { operatorAllowList: 'nobody' }, `Your own address, ${ME}`],
    [
      'who may be known by another address then',
      { operatorAllowList: ['192.0.2.0/24'], source: 'peer' },
      'The address that you would be known by',
    ],
  ])('somebody out %s', (_, change, why) => {
    expect(lockOut(OPEN, { ...OPEN, ...change }, ME)).toContain(why);
  });
});
