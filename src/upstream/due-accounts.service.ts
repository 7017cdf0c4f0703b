import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ACCOUNT_METER, type AccountId } from '../core/index.js';
import { CONFIG, type Config } from '../platform/config/index.js';
import { JobProducer, QUEUES } from '../platform/queue/index.js';
import { CredentialService } from './credential.service.js';
import { CATALOG_JOB, REFRESH_JOB, USAGE_JOB, type AccountJob } from './jobs.js';

const CATALOG_AGE_MS = 15 * 60_000;
/** Accounts that serve calls are never that far behind. */
const USAGE_AGE_MS = 5 * 60_000;

/** Each account has a margin of its own, up to a fifth longer: logins made together are not refreshed together. */
const TOKEN_IS_DUE = `
  status = 'active' AND refresh_token IS NOT NULL
  AND access_token_expires_at < now() + $1::float8 * (1 + (hashtext(id::text) & 255) / 1280.0) * interval '1 ms'`;

const SELECT = `
  SELECT id, ${TOKEN_IS_DUE} AS token_is_due,
         catalog_refreshed_at IS NULL OR catalog_refreshed_at < now() - $2::float8 * interval '1 ms' AS catalog_is_due,
         NOT EXISTS (SELECT FROM account_quota_window w
                      WHERE w.account_id = upstream_account.id AND w.limit_id = $3
                        AND w.observed_at > now() - $4::float8 * interval '1 ms') AS usage_is_due
    FROM upstream_account
   WHERE status = 'active'
   ORDER BY access_token_expires_at`;

interface Row {
  readonly id: AccountId;
  readonly token_is_due: boolean | null;
  readonly catalog_is_due: boolean;
  readonly usage_is_due: boolean;
}

/** Which accounts need new tokens, or another look at their catalog or their usage. */
@Injectable()
export class DueAccounts {
  constructor(
    private readonly dataSource: DataSource,
    private readonly credentials: CredentialService,
    private readonly jobs: JobProducer,
    @Inject(CONFIG) private readonly config: Pick<Config, 'REFRESH_MARGIN_MS'>,
  ) {}

  /** Hand over a job for everything that is due and not on its way yet. @returns how many */
  async enqueue(): Promise<number> {
    const bounds = [this.config.REFRESH_MARGIN_MS, CATALOG_AGE_MS, ACCOUNT_METER, USAGE_AGE_MS];
    const rows = await this.dataSource.query<Row[]>(SELECT, bounds);
    const tokens = rows.filter((row) => row.token_is_due === true);
    const catalogs = rows.filter((row) => row.catalog_is_due);
    for (const { id } of tokens) await this.add(REFRESH_JOB, { accountId: id }, 5);
    // The next look is soon enough for a catalog that cannot be read now.
    for (const { id } of catalogs) await this.add(CATALOG_JOB, { accountId: id }, 1);
    const usages = rows.filter((row) => row.usage_is_due);
    // An upstream that tells nothing is not asked every minute.
    for (const { id } of usages) await this.add(USAGE_JOB, { accountId: id }, 1, USAGE_AGE_MS);
    return tokens.length + catalogs.length + usages.length;
  }

  /**
   * Refresh the account's tokens, unless a call or another worker was faster.
   *
   * @throws as `CredentialService.refreshed`
   */
  async refresh(id: AccountId): Promise<'refreshed' | 'still_fresh'> {
    const sql = `SELECT credential_epoch FROM upstream_account WHERE ${TOKEN_IS_DUE} AND id = $2`;
    const [due] = await this.dataSource.query<{ credential_epoch: string }[]>(sql, [this.config.REFRESH_MARGIN_MS, id]);
    if (due === undefined) return 'still_fresh';
    await this.credentials.refreshed(id, Number(due.credential_epoch));
    return 'refreshed';
  }

  /** @param ttlMs one in that time, whether or not it is done; absent: one until it is done */
  private add(name: string, data: AccountJob, attempts: number, ttlMs?: number): Promise<boolean> {
    const id = `${name}-${data.accountId}`;
    const deduplication = ttlMs === undefined ? { id } : { id, ttl: ttlMs };
    return this.jobs.add(QUEUES.tokenRefresh, name, data, { deduplication, attempts });
  }
}
