import { AccountRefused } from './account-refused.js';
import type { CodexLogin } from './codex-login.js';
import { isSameIdentity, slotOf, type Identity } from './login-slot.js';

const account = (workspace: string | null, over: Partial<Identity> = {}): Identity => ({
  external_account_id: 'a1',
  external_user_id: 'u1',
  external_workspace_id: workspace,
  ...over,
});
const login = (workspace?: string): CodexLogin => ({
  accessToken: 'token',
  externalAccountId: 'a1',
  externalUserId: 'u1',
  ...(workspace === undefined ? {} : { externalWorkspaceId: workspace }),
});
const [w1, w2, unknown] = [account('w1'), account('w2'), account(null)];

describe('the account that a login belongs to', () => {
  it('is that of its workspace', () => {
    expect(slotOf([unknown, w1, w2], login('w2'))).toBe(w2);
  });

  it('is the one whose workspace nobody knows when no other has its workspace', () => {
    expect(slotOf([w1, unknown], login('w2'))).toBe(unknown);
  });

  it('is none when all are of other workspaces', () => {
    expect(slotOf([w1], login('w2'))).toBeUndefined();
    expect(slotOf([], login('w2'))).toBeUndefined();
    expect(slotOf([], login())).toBeUndefined();
  });

  it('is the only one there is when it names no workspace', () => {
    expect(slotOf([w1], login())).toBe(w1);
    expect(slotOf([w1, unknown], login())).toBe(unknown);
  });

  it('cannot be told when it names no workspace and there are several', () => {
    expect(() => slotOf([w1, w2], login())).toThrow(new AccountRefused('identity_conflict'));
  });
});

describe('a login for a certain account', () => {
  it.each([
    ['has its workspace', account('w1'), login('w1')],
    ['names none', account('w1'), login()],
    ['names the first one that is known', account(null), login('w1')],
  ])('fits when it %s', (_, held, given) => {
    expect(isSameIdentity(held, given)).toBe(true);
  });

  it.each([
    ['workspace', account('w2')],
    ['user', account('w1', { external_user_id: 'u2' })],
    ['account', account('w1', { external_account_id: 'a2' })],
    ['user, which is not known', account('w1', { external_user_id: null })],
  ])('does not when it is of another %s', (_, held) => {
    expect(isSameIdentity(held, login('w1'))).toBe(false);
  });
});
