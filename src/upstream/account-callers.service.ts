import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { GatewayError, type AccountId } from '../core/index.js';
import { constantTimeEqual, SecretBox, sha256 } from '../platform/crypto/index.js';
import type { ObservedWindow } from './quota/observed-window.js';
import { capacityOf, type Capacity } from './pool-capacity.js';
import { QuotaEvidence } from './quota/quota-evidence.service.js';
import { openToken } from './sealed-tokens.js';

/** What an account may know of itself. */
export interface OwnUsage {
  /** As its token says; absent when it does not. */
  readonly plan?: string;
  readonly capacity: Capacity;
}

interface Row {
  readonly id: AccountId;
  readonly plan: string | null;
  readonly access_token: Buffer;
  readonly serving: boolean;
  readonly cooling_until: Date | null;
  readonly cooling_reason: string | null;
  readonly windows: readonly ObservedWindow[];
}

const SELECT = `
  SELECT a.id, a.plan, a.access_token, a.cooling_until, a.cooling_reason,
         a.status = 'active' AND EXISTS (SELECT FROM pool_account p
                                          WHERE p.account_id = a.id AND p.status = 'active') AS serving,
         (SELECT coalesce(json_agg(json_build_object(
                   'limitId', w.limit_id, 'windowMinutes', w.window_minutes, 'usedPercent', w.used_percent,
                   'resetsAtMs', round(extract(epoch FROM w.resets_at) * 1000),
                   'observedAtMs', round(extract(epoch FROM w.observed_at) * 1000))), '[]')
            FROM account_quota_window w WHERE w.account_id = a.id) AS windows
    FROM upstream_account a
   WHERE a.external_account_id = $1 AND a.status <> 'deleted'
   ORDER BY a.created_at, a.id`;

/** Accounts that ask for themselves, with the access token that we hold of them in place of a Pool API key. */
@Injectable()
export class AccountCallers {
  constructor(
    private readonly dataSource: DataSource,
    private readonly box: SecretBox,
    private readonly quota: QuotaEvidence,
  ) {}

  /**
   * @param externalAccountId the provider's id of the account
   * @param accessToken as presented; it has to be the current one
   * @throws GatewayError `invalid_authorization` when no account has this id and token, `invalid_chatgpt_account` when
   *   the one that has serves no Pool
   */
  async usageOf(externalAccountId: string, accessToken: string, nowMs: number): Promise<OwnUsage> {
    const presented = sha256(accessToken);
    const rows = accessToken === '' ? [] : await this.dataSource.query<Row[]>(SELECT, [externalAccountId]);
    const row = rows.find((held) => constantTimeEqual(sha256(this.tokenOf(held)), presented));
    if (row === undefined) {
      throw new GatewayError('invalid_authorization', 'The token is not that of the account.');
    }
    if (!row.serving) throw new GatewayError('invalid_chatgpt_account', 'The account serves nobody here.');
    return {
      ...(row.plan === null ? {} : { plan: row.plan }),
      capacity: capacityOf([this.measured(row)], nowMs),
    };
  }

  private measured(row: Row): Parameters<typeof capacityOf>[0][number] {
    return {
      status: 'active',
      windows: this.quota.windowsOf(row.id, row.windows),
      coolingUntilMs: row.cooling_until?.getTime() ?? 0,
      ...(row.cooling_reason === null ? {} : { coolingReason: row.cooling_reason }),
    };
  }

  /** A token that cannot be opened is nobody's: nobody gets here with an empty one. */
  private tokenOf({ id, access_token }: Row): string {
    try {
      return openToken(this.box, id, 'access_token', access_token);
    } catch {
      return '';
    }
  }
}
