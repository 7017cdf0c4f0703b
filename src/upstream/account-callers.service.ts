import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { GatewayError, type AccountId } from '../core/index.js';
import { constantTimeEqual, SecretBox, sha256 } from '../platform/crypto/index.js';
import type { AccountMeter } from './quota/account-meter.js';
import { metersOf, windowsOf } from './quota/evidence-sql.js';
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
  readonly meters: readonly AccountMeter[];
}

const SELECT = `
  SELECT a.id, a.plan, a.access_token, a.cooling_until, a.cooling_reason,
         a.status = 'active' AND EXISTS (SELECT FROM pool_account p
                                          WHERE p.account_id = a.id AND p.status = 'active') AS serving,
         ${windowsOf('a.id')} AS windows, ${metersOf('a.id')} AS meters
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
      capacity: capacityOf([this.measured(row, nowMs)], nowMs),
    };
  }

  private measured(row: Row, nowMs: number): Parameters<typeof capacityOf>[0][number] {
    return {
      status: 'active',
      ...this.quota.evidenceOf(row.id, row, nowMs),
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
