import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { PoolService } from '../../src/auth/index.js';
import type { AccountId } from '../../src/core/index.js';
import { CatalogRefresh } from '../../src/upstream/catalog-refresh.service.js';
import { AccountService } from '../../src/upstream/index.js';
import type { TestGateway } from './gateway.js';
import type { ScriptedUpstream } from './scripted-upstream/index.js';

type Change = (id: AccountId, database: DataSource) => Promise<unknown>;

/** What an upstream said of a window: so many minutes long, so full, over in and heard before so many seconds. */
const window =
  (minutes: number, usedPercent: number, resetsInSeconds: number, ageSeconds: number, source = 'usage'): Change =>
  (id, database) =>
    database.query(
      `INSERT INTO account_quota_window (account_id, limit_id, window_minutes, used_percent, resets_at, observed_at, source)
       VALUES ($1, 'codex', $2, $3, now() + $4 * interval '1 s', now() - $5 * interval '1 s', $6)`,
      [id, minutes, usedPercent, resetsInSeconds, ageSeconds, source],
    );

const set =
  (columns: string): Change =>
  (id, database) =>
    database.query(`UPDATE upstream_account SET ${columns} WHERE id = $1`, [id]);

/** A circuit that was opened. */
const lane =
  (until: string, probeId: string | null = null): Change =>
  (id, database) =>
    database.query(
      `INSERT INTO account_lane (account_id, model, route_class, failures, opened_at, open_until, reason, probe_id,
                                 probing_until, version)
       VALUES ($1, 'gpt-5.5', 'stream', 3, now() - interval '4 s', ${until}, 'upstream_timeout', $2::uuid,
               CASE WHEN $2::uuid IS NULL THEN NULL ELSE now() + interval '56 s' END, 1)`,
      [id, probeId],
    );

const HOUR = 3_600;
const DAY = 24 * HOUR;
const WEEK_MINUTES = 10_080;

const STATES: Readonly<Record<string, readonly Change[]>> = {
  alice: [window(300, 12, 3.5 * HOUR, 41, 'headers'), window(WEEK_MINUTES, 34, 3.2 * DAY, 41, 'headers')],
  bob: [window(300, 78, 1.1 * HOUR, 160), window(WEEK_MINUTES, 41, 5.5 * DAY, 160)],
  carol: [],
  dave: [window(300, 4, 4.4 * HOUR, 130), window(WEEK_MINUTES, 100, 2.15 * DAY, 130)],
  erin: [window(300, 100, 2.25 * HOUR, 8, 'error'), window(WEEK_MINUTES, 63, 4.4 * DAY, 130)],
  frank: [set(`status = 'paused'`)],
  grace: [set(`status = 'draining'`)],
  heidi: [set(`status = 'login_required', status_reason = 'invalid_grant'`)],
  ivan: [
    set(`cooling_until = now() + interval '59 s', cooling_reason = 'upstream_rate_limited',
         cooling_since = now() - interval '1 s'`),
  ],
  judy: [lane(`now() + interval '56 s'`)],
  ken: [lane(`now() - interval '1 s'`, randomUUID())],
  leo: [(id, database) => database.query(`DELETE FROM account_model WHERE account_id = $1 AND slug = 'gpt-5.5'`, [id])],
};

/** A Pool of twelve accounts that differ in what keeps them from serving `gpt-5.5`, if anything does. */
export class TwelveAccounts {
  private readonly ids = new Map<string, AccountId>();

  constructor(
    private readonly gateway: TestGateway,
    private readonly upstream: ScriptedUpstream,
  ) {}

  /** @param slug of the Pool */
  async make(slug: string): Promise<void> {
    const { id: poolId } = await this.gateway.get(PoolService).createPool(slug);
    for (const label of Object.keys(STATES)) {
      const { login } = this.upstream.addAccount({ accountId: `acc_${label}_${slug}` });
      const { account } = await this.gateway.get(AccountService).importAuthJson(login.authJson, { label, poolId });
      await this.gateway.get(CatalogRefresh).run(account.id);
      this.ids.set(label, account.id);
    }
  }

  /** From here on some of their states pass within a minute. */
  async enterStates(): Promise<void> {
    const database = this.gateway.database();
    for (const [label, changes] of Object.entries(STATES)) {
      for (const change of changes) await change(this.ids.get(label) ?? ('' as AccountId), database);
    }
  }
}
