import { isAllowList } from './allow-list.js';

const LIST = 'hooks.internal:8443, chat.internal,10.1.0.0/16,[fd12::1]:444,fd34::/32,192.168.7.7';

describe('a list of hosts and networks', () => {
  it.each([LIST, 'localhost', '127.0.0.1:8080', '::1/128'])('is one: %s', (text) =>
    expect(isAllowList(text)).toBe(true),
  );

  it.each([
    '',
    ',',
    'a b',
    'http://a',
    'a/b',
    '10.0.0.0/33',
    '10.0.0.0/0',
    '::/0',
    '10.0.0.0/8/8',
    'a:b',
    '*.internal',
  ])('is none: %j', (text) => expect(isAllowList(text)).toBe(false));
});
