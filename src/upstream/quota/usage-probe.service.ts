import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AccountId } from '../../core/index.js';
import { AccountChanges } from '../account-changes.service.js';
import { CredentialService } from '../credential.service.js';
import { UpstreamKinds } from '../kinds.js';
import { QuotaEvidence } from './quota-evidence.service.js';
import { renewedOnce } from '../renewed-once.js';

const FETCH_MS = 30_000;

interface Row {
  readonly kind: string;
  readonly credential_epoch: string;
}

/** Asks an account's upstream how much of its quota is used: accounts without calls tell by nothing else. */
@Injectable()
export class UsageProbe {
  constructor(
    private readonly dataSource: DataSource,
    private readonly credentials: CredentialService,
    private readonly kinds: UpstreamKinds,
    private readonly quota: QuotaEvidence,
    private readonly changes: AccountChanges,
  ) {}

  /** @throws GatewayError as the upstream's kind does, LoginRequired when the account lost its login over it */
  async run(id: AccountId): Promise<'stored' | 'skipped'> {
    const sql = `SELECT kind, credential_epoch FROM upstream_account WHERE id = $1 AND status = 'active'`;
    const [account] = await this.dataSource.query<Row[]>(sql, [id]);
    if (account === undefined) return 'skipped';
    const kind = this.kinds.of(account.kind);
    const report = await renewedOnce(
      this.credentials,
      { id, credentialEpoch: Number(account.credential_epoch) },
      (access) => kind.usage(access, AbortSignal.timeout(FETCH_MS)),
    );
    await this.quota.reported(id, report, Date.now());
    this.changes.announce(id);
    return 'stored';
  }
}
