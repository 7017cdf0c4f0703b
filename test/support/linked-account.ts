import type { DataSource } from 'typeorm';
import type { AccountId } from '../../src/core/index.js';
import type { LoginFamilies } from './login-families.js';
import { Replica } from './replica.js';

let count = 0;

/** An account with a login of its own, two processes that know it, and a look behind the scenes. */
export async function linkedAccount(dataSource: DataSource, logins: LoginFamilies) {
  const replica = (): Replica => new Replica(dataSource, (token) => logins.refresh(token));
  const first = replica();
  const label = `account ${(count += 1)}`;
  const id: AccountId = await first.link(logins.login(label).authJson, label);
  const { refreshes, reuses } = logins;
  return {
    id,
    label,
    first,
    second: replica(),
    /** What the login server has done for it since. */
    counted: () => ({ refreshes: logins.refreshes - refreshes, reuses: logins.reuses - reuses }),
    row: async (): Promise<Record<string, unknown>> => {
      const sql = `
        SELECT status, status_reason, refresh_state, refresh_started_at, refresh_failures, refresh_answers_lost,
               credential_epoch::int AS epoch
          FROM upstream_account WHERE id = $1`;
      const [row] = await dataSource.query<Record<string, unknown>[]>(sql, [id]);
      return row ?? {};
    },
    set: async (columns: string): Promise<void> => {
      await dataSource.query(`UPDATE upstream_account SET ${columns} WHERE id = $1`, [id]);
    },
    holdsItsLogin: async (): Promise<boolean> => logins.wouldTake(await first.refreshToken(id)),
  };
}
