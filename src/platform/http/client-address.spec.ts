import fc from 'fast-check';
import { plainAddress } from '../../core/index.js';
import { clientAddressOf, peerAddressOf, type Forwarding } from './client-address.js';

const PROXIES = ['10.0.0.0/8', '2001:db8:ffff::/48'];
const rules = (over: Partial<Forwarding> = {}): Forwarding => ({
  source: 'x_forwarded_for',
  depth: 0,
  trustedProxies: PROXIES,
  ...over,
});
const behind = (chain: string, over?: Partial<Forwarding>, peer = '10.0.0.1') =>
  clientAddressOf(peer, { 'x-forwarded-for': chain }, rules(over));

const proxy = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)).map((rest) => `10.${rest.join('.')}`);
const client = fc.oneof(
  fc.ipV4().filter((text) => !text.startsWith('10.')),
  fc
    .ipV6()
    .filter((text) => plainAddress(text)?.includes(':') === true && !/^2001:db8:ffff:/.test(plainAddress(text) ?? '')),
);
const address = fc.oneof(proxy, client);

describe('the peer of a connection', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['fe80::1%eth0', 'fe80::1'],
    [undefined, undefined],
  ])('%s is %s', (remoteAddress, peer) => {
    expect(peerAddressOf({ socket: { remoteAddress } })).toBe(peer);
  });
});

describe('the address of a client', () => {
  it('is its peer, whatever it says, unless that is a proxy of ours', () => {
    fc.assert(
      fc.property(
        client,
        fc.string(),
        fc.nat(16),
        fc.constantFrom('x_forwarded_for', 'x_real_ip'),
        (peer, said, depth, source) => {
          const headers = { 'x-forwarded-for': said, 'x-real-ip': said };
          expect(clientAddressOf(peer, headers, rules({ depth, source }))).toBe(peer);
        },
      ),
    );
  });

  it('is its peer where nothing else is wanted', () => {
    expect(behind('192.0.2.7', { source: 'peer' })).toBe('10.0.0.1');
  });

  it('is unknown where the connection is gone', () => {
    expect(clientAddressOf(undefined, { 'x-forwarded-for': '192.0.2.7' }, rules())).toBeUndefined();
  });

  it('is the first from the right that is no proxy, whatever stands left of it', () => {
    fc.assert(
      fc.property(
        fc.array(address, { maxLength: 20 }),
        client,
        fc.array(proxy, { maxLength: 11 }),
        (left, me, right) => {
          expect(behind([...left, me, ...right].join(', '))).toBe(plainAddress(me));
        },
      ),
    );
  });

  it('is where the chain begins when all of it are proxies', () => {
    expect(behind('10.0.0.9,10.0.0.8')).toBe('10.0.0.9');
  });

  it('is the proxy itself when that says nothing', () => {
    expect(clientAddressOf('10.0.0.1', {}, rules())).toBe('10.0.0.1');
  });

  it('is what stands at a fixed depth from the right, believed or not', () => {
    fc.assert(
      fc.property(
        fc.array(address, { minLength: 1, maxLength: 32 }),
        fc.integer({ min: 1, max: 16 }),
        (chain, depth) => {
          const wanted = chain.length < depth ? undefined : plainAddress(chain[chain.length - depth] ?? '');
          expect(behind(chain.join(','), { depth })).toBe(wanted);
        },
      ),
    );
  });

  it('is unknown where a proxy that has to say it says nothing', () => {
    expect(clientAddressOf('10.0.0.1', {}, rules({ depth: 1 }))).toBeUndefined();
    expect(clientAddressOf('10.0.0.1', {}, rules({ source: 'x_real_ip' }))).toBeUndefined();
  });

  it('is unknown with more than 32 hops, and known with 32', () => {
    const hops = (count: number) => Array.from({ length: count }, () => '192.0.2.7').join(',');
    expect([behind(hops(32)), behind(hops(33))]).toEqual(['192.0.2.7', undefined]);
  });

  it('is unknown when any entry is malformed, wherever it stands', () => {
    const malformed = fc.oneof(
      fc.constantFrom(
        '',
        'unknown',
        '192.0.2.7:80',
        '[2001:db8::1]',
        'fe80::1%eth0',
        '192.0.2.07',
        '_x',
        '192.0.2.7/32',
      ),
      fc.string().filter((text) => !text.includes(',') && plainAddress(text.trim()) === undefined),
      fc.integer({ min: 65, max: 200 }).map((length) => '1'.repeat(length)),
    );
    fc.assert(
      fc.property(
        fc.array(address, { maxLength: 15 }),
        malformed,
        fc.array(address, { maxLength: 15 }),
        (left, bad, right) => {
          expect(behind([...left, bad, ...right].join(','))).toBeUndefined();
          expect(behind([...left, bad, ...right].join(','), { depth: 1 })).toBeUndefined();
        },
      ),
    );
  });

  it('is never an address of IPv4 in the clothes of IPv6', () => {
    fc.assert(
      fc.property(
        fc.ipV4().filter((text) => !text.startsWith('10.')),
        (text) => {
          expect(behind(`::ffff:${text}`)).toBe(text);
          expect(clientAddressOf('10.0.0.1', { 'x-real-ip': `::ffff:${text}` }, rules({ source: 'x_real_ip' }))).toBe(
            text,
          );
        },
      ),
    );
  });

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    [' 192.0.2.7 ', '192.0.2.7'],
    ['192.0.2.7, 192.0.2.8', undefined],
    ['', undefined],
    ['me', undefined],
  ])('is the one value of x-real-ip: %j is %s', (said, expected) => {
    expect(clientAddressOf('10.0.0.1', { 'x-real-ip': said }, rules({ source: 'x_real_ip' }))).toBe(expected);
  });
});
