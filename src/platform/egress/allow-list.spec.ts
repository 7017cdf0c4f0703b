import { allowListOf, mayConnect, outboundHost } from './allow-list.js';

const LIST = 'hooks.internal:8443, chat.internal,10.1.0.0/16,[fd12::1]:444,fd34::/32,192.168.7.7';

describe('the list of what may be reached although it is not public', () => {
  const allowed = allowListOf(LIST);

  it.each([
    ['https://hooks.internal:8443/a', 'hooks.internal'],
    ['http://hooks.internal:8443/a', 'hooks.internal'],
    ['https://HOOKS.internal.:8443/a', 'hooks.internal'],
    ['https://chat.internal/a', 'chat.internal'],
    ['http://chat.internal:99/a', 'chat.internal'],
    ['https://10.1.2.3/a', '10.1.2.3'],
    ['https://[fd12::1]:444/a', 'fd12::1'],
    ['https://[fd34::5]/a', 'fd34::5'],
    ['http://192.168.7.7/a', '192.168.7.7'],
    ['https://hooks.example.com/a', 'hooks.example.com'],
  ])('lets through %s', (url, host) => expect(outboundHost(new URL(url), allowed)).toBe(host));

  it.each([
    'http://hooks.internal/a',
    'http://10.1.2.3/a',
    'https://10.2.0.1/a',
    'https://[fd12::1]/a',
    'https://[fd12::2]:444/a',
    'http://hooks.example.com/a',
    'https://192.168.7.8/a',
    'ftp://hooks.example.com/a',
  ])('does not let through %s', (url) => expect(outboundHost(new URL(url), allowed)).toBeUndefined());

  it.each<[string, readonly string[], boolean]>([
    ['chat.internal', ['10.9.9.9'], true],
    ['chat.internal', ['10.9.9.9', '1.1.1.1'], true],
    ['chat.internal', ['169.254.169.254'], false],
    ['chat.internal', ['fe80::1'], false],
    ['chat.internal', ['fd00:ec2::254'], false],
    ['chat.internal', ['::ffff:169.254.169.254'], false],
    ['chat.internal', ['no address'], false],
    ['chat.internal', [], false],
    ['other.example.com', ['10.1.9.9'], true],
    ['other.example.com', ['10.2.9.9'], false],
    ['other.example.com', ['::ffff:10.1.9.9'], true],
    ['other.example.com', ['10.1.9.9', '10.2.9.9'], false],
  ])('of %s connects to %j: %s', (host, addresses, may) => expect(mayConnect(host, addresses, allowed)).toBe(may));

  it('names a link-local network only by itself', () => {
    expect(mayConnect('a.example.com', ['169.254.1.1'], allowListOf('169.254.1.0/24'))).toBe(true);
  });
});
