import { maskedEmail } from './masked-email.js';

describe('an address that is shown', () => {
  it.each([
    ['alice@example.com', 'al***@example.com'],
    ['a@example.com', 'a***@example.com'],
    ['"a@b"@example.com', '"a***@example.com'],
  ])('has its first two characters and its domain: %s', (email, masked) => {
    expect(maskedEmail(email)).toBe(masked);
  });

  it.each([undefined, '', 'alice', '@example.com', 'alice@'])('is not there when it is none: %s', (email) => {
    expect(maskedEmail(email)).toBeUndefined();
  });
});
