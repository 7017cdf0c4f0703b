import fc from 'fast-check';
import { addressBlock, isWithin, networkOf, plainAddress } from './address.js';

describe('an address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['2001:DB8:0:0::7', '2001:db8::7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:c000:207', '192.0.2.7'],
    ['0:0:0:0:0:ffff:192.0.2.7', '192.0.2.7'],
    ['::192.0.2.7', '::c000:207'],
    ['::1', '::1'],
  ])('%s is %s', (text, plain) => {
    expect(plainAddress(text)).toBe(plain);
  });

  it.each(['', ' 192.0.2.7', '192.0.2', '192.0.2.07', '0x7f.1', '192.0.2.7:80', '[::1]', 'fe80::1%eth0', 'unknown'])(
    'is not %j',
    (text) => {
      expect(plainAddress(text)).toBeUndefined();
    },
  );

  it('is the same however it was written, and stays as it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const plain = plainAddress(text);
        expect(plainAddress(plain ?? '')).toBe(plain);
        expect(plainAddress(text.toUpperCase())).toBe(plain);
      }),
    );
  });

  it('of IPv4 is itself in the clothes of IPv6', () => {
    fc.assert(fc.property(fc.ipV4(), (text) => expect(plainAddress(`::ffff:${text}`)).toBe(text)));
  });
});

describe('a block of addresses', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7/32'],
    [' 10.0.0.0/8 ', '10.0.0.0/8'],
    ['2001:DB8::/32', '2001:db8::/32'],
    ['::ffff:198.51.100.0/120', '198.51.100.0/24'],
    ['::ffff:0:0/96', '0.0.0.0/0'],
  ])('%j is %s', (text, block) => {
    expect(addressBlock(text)).toBe(block);
  });

  it.each(['', 'here', '10.0.0.0/33', '10.0.0/8', '10.0.0.0/', '2001:db8::/129', '::ffff:10.0.0.0/64', '1.2.3.4/8/9'])(
    'is not %j',
    (text) => {
      expect(addressBlock(text)).toBeUndefined();
    },
  );

  it('holds the address that it was made of, and every other at size 0', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), fc.integer({ min: 0, max: 32 }), (mine, other, bits) => {
        const block = addressBlock(`${mine}/${bits}`) ?? '';
        expect(isWithin([block], mine)).toBe(true);
        expect(isWithin([block], `::ffff:${mine}`)).toBe(true);
        expect(isWithin([addressBlock(`${mine}/0`) ?? ''], other)).toBe(true);
      }),
    );
  });
});

describe('the network of an address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::5:6', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['2001:db8::', '2001:db8:0:0::/64'],
    ['unknown', 'unknown'],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
