import { randomUUID } from 'node:crypto';
import { KeyAdminService, PoolService, type Pool, type PoolSettings } from '../../src/auth/index.js';
import { CatalogRefresh } from '../../src/upstream/catalog-refresh.service.js';
import { UsageProbe } from '../../src/upstream/quota/usage-probe.service.js';
import { AccountPoolService, AccountService, type AccountSnapshot } from '../../src/upstream/index.js';
import type { PostOptions, TestGateway } from './gateway.js';
import type { AccountOptions, ScriptedAccount, ScriptedUpstream } from './scripted-upstream/index.js';

/** A Pool with accounts and a key that no other test touches. */
export interface TestPool {
  readonly pool: Pool;
  readonly key: string;
  readonly accounts: readonly ScriptedAccount[];
  post(body: unknown, options?: PostOptions): Promise<Response>;
  snapshot(): Promise<readonly AccountSnapshot[]>;
}

/** @param accounts one for each entry */
export async function newPool(
  gateway: TestGateway,
  upstream: ScriptedUpstream,
  accounts: readonly AccountOptions[],
  settings: PoolSettings = {},
): Promise<TestPool> {
  const pool = await gateway.get(PoolService).createPool(randomUUID(), settings);
  const made: ScriptedAccount[] = [];
  for (const options of accounts) {
    const account = upstream.addAccount({ accountId: `acc_${randomUUID()}`, ...options });
    const login = { label: account.id, poolId: pool.id };
    const imported = await gateway.get(AccountService).importAuthJson(account.login.authJson, login);
    await gateway.get(CatalogRefresh).run(imported.account.id);
    await gateway.get(UsageProbe).run(imported.account.id, Date.now);
    made.push(account);
  }
  const { token: key } = await gateway.get(KeyAdminService).createKey(pool.id, 'test');
  return {
    pool,
    key,
    accounts: made,
    post: (body, { headers = {}, ...options } = {}) =>
      gateway.post(body, { ...options, headers: { authorization: `Bearer ${key}`, ...headers } }),
    snapshot: () => gateway.get(AccountPoolService).snapshot(pool.id),
  };
}
