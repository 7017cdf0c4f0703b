import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AccountId } from '../../core/index.js';
import type { AccountMeter } from './account-meter.js';
import { metersOf, windowsOf } from './evidence-sql.js';
import type { ObservedWindow } from './observed-window.js';

/** What an account's upstream says of its use. Times are Unix times in milliseconds. */
export interface AccountQuota {
  readonly id: AccountId;
  readonly label: string;
  readonly kind: string;
  readonly plan?: string;
  readonly createdAtMs: number;
  readonly windows: readonly ObservedWindow[];
  readonly meters: readonly AccountMeter[];
}

type Selected = Omit<AccountQuota, 'plan' | 'createdAtMs'> & {
  readonly plan: string | null;
  readonly created_at: Date;
};

const SELECT = `
  SELECT a.id, a.label, a.kind, a.plan, a.created_at, ${windowsOf('a.id')} AS windows, ${metersOf('a.id')} AS meters
    FROM upstream_account a
   WHERE a.status <> 'deleted'
   ORDER BY a.created_at, a.id`;

/** What is believed of every account's windows, for who compares it with something else. */
@Injectable()
export class AccountWindows {
  constructor(private readonly dataSource: DataSource) {}

  async all(): Promise<readonly AccountQuota[]> {
    const rows = await this.dataSource.query<Selected[]>(SELECT);
    return rows.map(({ plan, created_at: createdAt, ...account }) => ({
      ...account,
      ...(plan === null ? {} : { plan }),
      createdAtMs: createdAt.getTime(),
    }));
  }
}
