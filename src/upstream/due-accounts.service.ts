import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AccountId } from '../core/index.js';
import { JobProducer, QUEUES } from '../platform/queue/index.js';
import { DueTokens } from './credentials/due-tokens.service.js';
import { CATALOG_JOB, REFRESH_JOB, type AccountJob } from './jobs.js';

const CATALOG_AGE_MS = 15 * 60_000;

const SELECT = `
  SELECT id,
         catalog_refreshed_at IS NULL OR catalog_refreshed_at < now() - $1::float8 * interval '1 ms' AS catalog_is_due
    FROM upstream_account
   WHERE status = 'active'
   ORDER BY access_token_expires_at`;

interface Row {
  readonly id: AccountId;
  readonly catalog_is_due: boolean;
}

/** Which accounts need new tokens, or another look at their catalog. */
@Injectable()
export class DueAccounts {
  constructor(
    private readonly dataSource: DataSource,
    private readonly tokens: DueTokens,
    private readonly jobs: JobProducer,
  ) {}

  /** Hand over a job for everything that is due and not on its way yet. @returns how many */
  async enqueue(nowMs: number): Promise<number> {
    const tokens = await this.tokens.list(nowMs);
    const rows = await this.dataSource.query<Row[]>(SELECT, [CATALOG_AGE_MS]);
    const catalogs = rows.filter((row) => row.catalog_is_due);
    // When one that failed is tried again is for its row to say.
    for (const id of tokens) await this.add(REFRESH_JOB, { accountId: id }, 1);
    // The next look is soon enough for a catalog that cannot be read now.
    for (const { id } of catalogs) await this.add(CATALOG_JOB, { accountId: id }, 1);
    return tokens.length + catalogs.length;
  }

  /** @throws as `DueTokens.refresh` */
  refresh(id: AccountId, nowMs: number): Promise<'refreshed' | 'still_fresh'> {
    return this.tokens.refresh(id, nowMs);
  }

  private add(name: string, data: AccountJob, attempts: number): Promise<boolean> {
    const deduplication = { id: `${name}-${data.accountId}` };
    return this.jobs.add(QUEUES.tokenRefresh, name, data, { deduplication, attempts });
  }
}
