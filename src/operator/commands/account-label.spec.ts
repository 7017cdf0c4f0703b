import { labelOfFile } from './account-label.js';

describe('the label of an account that is imported with others', () => {
  it.each([
    ['alice.json', 'alice'],
    ['/logins/bob.smith.json', 'bob.smith'],
    ['/home/carol/auth.json', 'carol'],
    ['/home/dave/.codex-dave/auth.json', 'codex-dave'],
    ['./.erin.json', 'erin'],
    ['/auth.json', 'auth'],
  ])('of %s is %s', (file, label) => {
    expect(labelOfFile(file)).toBe(label);
  });
});
