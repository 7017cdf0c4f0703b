import { LoginRequired } from '../core/index.js';
import { useDatabase } from '../../test/support/database.js';
import { fakeLogin } from '../../test/support/fake-login.js';
import { FakeKind, upstreamServices } from '../../test/support/upstream-services.js';
import { DueAccounts } from './due-accounts.service.js';

const MARGIN_MS = 600_000;
const HOUR_MS = 3_600_000;

describe('what is due', () => {
  const database = useDatabase();
  beforeEach(() => database.dataSource().query('TRUNCATE upstream_account CASCADE'));

  const start = async () => {
    const kind = new FakeKind();
    const process = upstreamServices(database.dataSource(), kind);
    const ends = { soon: Date.now() + MARGIN_MS - 1_000, ended: Date.now() - 1_000, late: Date.now() + HOUR_MS };
    const ids: Record<string, string> = {};
    for (const [label, expiresAtMs] of Object.entries(ends)) {
      const { authJson } = fakeLogin({ accountId: label, expiresAtMs });
      ids[(await process.accounts.importAuthJson(authJson, { label })).account.id] = label;
    }
    process.added.length = 0;
    const due = new DueAccounts(database.dataSource(), process.tokens, process.jobs);
    const named = (job: string): string[] =>
      process.added
        .filter(({ name }) => name === job)
        .map(({ data }) => ids[(data as { accountId: string }).accountId] ?? '?')
        .sort();
    return { kind, due, named, ...process };
  };

  it('are tokens that end within the margin, of accounts that can be refreshed', async () => {
    const { due, named, added } = await start();
    await due.enqueue(Date.now());
    expect(named('refresh')).toEqual(['ended', 'soon']);
    added.length = 0;
    await database.dataSource().query(`UPDATE upstream_account SET refresh_token = NULL WHERE label = 'soon'`);
    await database.dataSource().query(`UPDATE upstream_account SET status = 'login_required' WHERE label = 'ended'`);
    await due.enqueue(Date.now());
    expect(named('refresh')).toEqual([]);
  });

  it('are catalogs never read, or not for a quarter of an hour', async () => {
    const { due, named } = await start();
    await database.dataSource().query(`UPDATE upstream_account SET catalog_refreshed_at = now() WHERE label = 'soon'`);
    await database
      .dataSource()
      .query(`UPDATE upstream_account SET catalog_refreshed_at = now() - interval '16 min' WHERE label = 'late'`);
    await due.enqueue(Date.now());
    expect(named('catalog')).toEqual(['ended', 'late']);
  });

  it('is done once: a token that is fresh by then is left alone', async () => {
    const { due, kind, accounts } = await start();
    kind.onRefresh = async () => ({ accessToken: fakeLogin({ generation: 1 }).accessToken });
    const soon = await accounts.findByLabel('soon');
    if (!soon) throw new Error('no account');
    expect(await due.refresh(soon.id, Date.now())).toBe('refreshed');
    expect(await due.refresh(soon.id, Date.now())).toBe('still_fresh');
    expect(kind.refreshedWith).toHaveLength(1);
  });

  it('ends with an account that needs a new login when the refresh token is dead', async () => {
    const { due, kind, accounts } = await start();
    kind.onRefresh = async () => Promise.reject(new LoginRequired('invalid_grant'));
    const soon = await accounts.findByLabel('soon');
    if (!soon) throw new Error('no account');
    await expect(due.refresh(soon.id, Date.now())).rejects.toEqual(new LoginRequired('invalid_grant'));
    expect(await accounts.findByLabel('soon')).toMatchObject({ status: 'login_required' });
  });
});
