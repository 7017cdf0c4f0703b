import { arePublic, isPublicAddress } from './public-address.js';

describe('an address', () => {
  it.each([
    '1.1.1.1',
    '20.60.1.2',
    '100.63.255.255',
    '100.128.0.1',
    '172.15.0.1',
    '172.32.0.1',
    '192.0.1.1',
    '198.17.255.255',
    '223.255.255.255',
    '2606:4700::1111',
    '2a00:1450:4001:80b::200e',
    '2003::1',
    '::ffff:1.1.1.1',
    '::ffff:101:101',
    '64:ff9b::1.1.1.1',
    '64:ff9b::808:808',
  ])('is public: %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    ['this network', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['loopback', '127.0.0.1'],
    ['loopback', '127.255.255.254'],
    ['link-local, where clouds tell secrets', '169.254.169.254'],
    ['of a cloud platform', '168.63.129.16'],
    ['protocol assignments', '192.0.0.170'],
    ['documentation', '192.0.2.1'],
    ['documentation', '198.51.100.1'],
    ['documentation', '203.0.113.1'],
    ['benchmarking', '198.19.0.1'],
    ['6to4 relays', '192.88.99.1'],
    ['multicast', '224.0.0.1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['unspecified', '::'],
    ['loopback', '::1'],
    ['IPv4-compatible', '::7f00:1'],
    ['loopback, mapped', '::ffff:127.0.0.1'],
    ['loopback, mapped', '::ffff:7f00:1'],
    ['unspecified, mapped', '::ffff:0:0'],
    ['private, mapped and written out', '0:0:0:0:0:ffff:0a00:0001'],
    ['loopback behind NAT64', '64:ff9b::127.0.0.1'],
    ['link-local behind NAT64', '64:ff9b::a9fe:a9fe'],
    ['unspecified behind NAT64', '64:ff9b::'],
    ['local NAT64', '64:ff9b:1::1'],
    ['discard', '100::1'],
    ['unique local', 'fc00::1'],
    ['unique local, where clouds tell secrets', 'fd00:ec2::254'],
    ['link-local', 'fe80::1'],
    ['link-local with its zone', 'fe80::1%eth0'],
    ['site-local', 'fec0::1'],
    ['multicast', 'ff02::1'],
    ['documentation', '2001:db8::1'],
    ['documentation', '3fff::1'],
    ['Teredo', '2001::1'],
    ['6to4', '2002:7f00:1::'],
    ['segment routing', '5f00::1'],
    ['no address', 'localhost'],
    ['no address', ''],
    ['no address', '2130706433'],
    ['no address', '0x7f.1'],
  ])('is not public: %s, %s', (_, address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('the addresses of a host', () => {
  it.each([
    [['1.1.1.1'], true],
    [['1.1.1.1', '2606:4700::1111'], true],
    [['1.1.1.1', '10.0.0.1'], false],
    [['2606:4700::1111', '::ffff:127.0.0.1'], false],
    [[], false],
  ])('%j: all public is %s', (addresses, allowed) => {
    expect(arePublic(addresses)).toBe(allowed);
  });
});
