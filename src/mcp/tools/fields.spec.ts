import { clientAddress, text } from './fields.js';

describe('what tools show in part', () => {
  it.each([
    ['carol.canary@example.com', 'ca***@example.com'],
    ['key of carol@example.com, and (dave@mail.example.org)', 'key of ca***@example.com, and (da***@mail.example.org)'],
    ['carol@localhost', 'carol@localhost'],
    ['no address', 'no address'],
  ])('is an address of mail, wherever it stands: %s', (given, shown) => {
    expect(text.parse(given)).toBe(shown);
  });

  it.each([
    ['192.0.2.7', '192.0.2.xxx'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::xxx'],
    ['2001:db8::1', '2001:db8::xxx'],
    ['fe80::abcd', 'fe80::xxx'],
    ['::1', '::xxx'],
    ['unix', 'xxx'],
    [null, null],
  ])("is a client's address: %s", (given, shown) => {
    expect(clientAddress.parse(given)).toBe(shown);
  });
});
