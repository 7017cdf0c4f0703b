import { isWithin } from '../core/index.js';
import { cidrBlocks } from './addresses.js';
import { KeyRefused } from './key-refused.js';

describe('the addresses of a key', () => {
  it('are kept as blocks, each once', () => {
    const given = ['192.0.2.7', ' 10.0.0.0/8 ', '192.0.2.7/32', '2001:DB8::/32', '::ffff:198.51.100.0/120'];
    expect(cidrBlocks(given)).toEqual(['10.0.0.0/8', '192.0.2.7/32', '198.51.100.0/24', '2001:db8::/32']);
  });

  it.each([
    '',
    'here',
    '10.0.0.0/33',
    '10.0.0/8',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '2001:db8::/129',
    'fe80::1%eth0',
    '::ffff:10.0.0.0/64',
    '1.2.3.4/8/9',
    'localhost',
  ])('are not %j', (text) => {
    expect(() => cidrBlocks([text])).toThrow(KeyRefused);
  });

  it('are at least one', () => {
    expect(() => cidrBlocks([])).toThrow(KeyRefused);
  });

  it.each([
    [['10.0.0.0/8'], '10.1.2.3', true],
    [['10.0.0.0/8'], '11.1.2.3', false],
    [['10.0.0.0/8'], '::ffff:10.1.2.3', true],
    [['10.0.0.0/8'], '::ffff:11.1.2.3', false],
    [['10.0.0.0/8'], '2001:db8::1', false],
    [['2001:db8::/32'], '2001:db8:1::1', true],
    [['2001:db8::/32'], '2001:db9::1', false],
    [['192.0.2.7/32', '::1/128'], '::1', true],
    [['192.0.2.7/32'], '192.0.2.8', false],
    [['0.0.0.0/0'], '203.0.113.9', true],
    [['::/0'], '2001:db8::1', true],
    [['0.0.0.0/0', '::/0'], '', false],
    [['0.0.0.0/0', '::/0'], 'unknown', false],
  ])('in %j: %s is among them: %s', (blocks, address, expected) => {
    expect(isWithin(blocks, address)).toBe(expected);
  });
});
