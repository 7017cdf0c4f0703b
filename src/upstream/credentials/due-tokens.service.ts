import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AccountId } from '../../core/index.js';
import { CONFIG, type Config } from '../../platform/config/index.js';
import { AccountChanges } from '../account-changes.service.js';
import { CredentialService } from '../credential.service.js';
import { TokenRefresh } from './token-refresh.service.js';

/**
 * How long before its end a token is refreshed: the margin, or a tenth of its life if that is longer, but never more
 * than half of its life. A paused account takes its time and waits for the margin. After a lost answer the old token is
 * good for as long as it lasts, and the one try that is left must not be wasted on an outage that goes on: it waits for
 * half the margin.
 *
 * Each account has a margin of its own, up to a fifth longer: logins made together are not refreshed together.
 */
const DUE = `
  SELECT id, credential_epoch
    FROM upstream_account,
         LATERAL (SELECT $2::float8 * interval '1 ms' AS margin,
                         CASE WHEN access_token_issued_at < access_token_expires_at
                              THEN access_token_expires_at - access_token_issued_at END AS span) token,
         LATERAL (SELECT CASE WHEN refresh_state = 'outcome_unknown' THEN least(margin, span / 2) / 2
                              WHEN status = 'paused' THEN least(margin, span / 2)
                              ELSE least(greatest(margin, span / 10), span / 2)
                         END * (1 + (hashtext(id::text) & 255) / 1280.0) AS ahead) lead
   WHERE status IN ('active', 'paused', 'draining') AND refresh_token IS NOT NULL AND refresh_state <> 'in_flight'
     AND coalesce(refresh_not_before, '-infinity') <= $1::timestamptz
     AND access_token_expires_at < $1::timestamptz + ahead
     AND ($3::uuid IS NULL OR id = $3::uuid)
   ORDER BY access_token_expires_at`;

interface Row {
  readonly id: AccountId;
  readonly credential_epoch: string;
}

/** Which accounts need new tokens. */
@Injectable()
export class DueTokens {
  constructor(
    private readonly dataSource: DataSource,
    private readonly credentials: CredentialService,
    private readonly refreshes: TokenRefresh,
    private readonly changes: AccountChanges,
    @Inject(CONFIG) private readonly config: Pick<Config, 'REFRESH_MARGIN_MS'>,
  ) {}

  /** Those whose tokens end soon. What dead processes left behind is settled first. */
  async list(nowMs: number): Promise<readonly AccountId[]> {
    for (const id of await this.refreshes.settleAbandoned()) this.changes.announce(id);
    return (await this.due(nowMs, null)).map(({ id }) => id);
  }

  /**
   * Refresh the account's tokens, unless a call or another worker was faster, or the account is not due any more.
   *
   * @throws as `CredentialService.refreshed`
   */
  async refresh(id: AccountId, nowMs: number): Promise<'refreshed' | 'still_fresh'> {
    const [due] = await this.due(nowMs, id);
    if (due === undefined) return 'still_fresh';
    await this.credentials.refreshed(id, Number(due.credential_epoch));
    return 'refreshed';
  }

  private due(nowMs: number, id: AccountId | null): Promise<Row[]> {
    return this.dataSource.query<Row[]>(DUE, [new Date(nowMs), this.config.REFRESH_MARGIN_MS, id]);
  }
}
