import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { ErrorCode, PoolId } from '../core/index.js';
import { CONFIG, type Config } from '../platform/config/index.js';
import { watch } from '../platform/metrics/index.js';
import { SeenAccounts } from './account-inflight.js';
import { AccountRows, type AccountRow } from './account-rows.service.js';
import type { AccountSnapshot } from './account-snapshot.js';
import { AccountHealth } from './health/account-health.service.js';
import type { Cooldown } from './health/cooldowns.service.js';
import { quotaCameBack } from './health/quota-came-back.js';
import { UpstreamKinds } from './kinds.js';
import { present } from './present.js';
import { QuotaEvidence } from './quota/quota-evidence.service.js';

type Cooling = Pick<AccountSnapshot, 'coolingUntilMs' | 'coolingReason' | 'coolingSinceMs'>;

const NOT_COOLING: Cooling = { coolingUntilMs: 0 };

/** What is known of a Pool's accounts at a moment: by the database, and by this process since. */
@Injectable()
export class AccountSnapshots implements OnModuleInit, OnModuleDestroy {
  private readonly seen = new SeenAccounts();
  private unwatch: (() => void) | undefined;

  constructor(
    private readonly rows: AccountRows,
    private readonly kinds: UpstreamKinds,
    private readonly health: AccountHealth,
    private readonly quota: QuotaEvidence,
    @Inject(CONFIG) private readonly config: Pick<Config, 'ACCOUNT_CONCURRENCY'>,
  ) {}

  onModuleInit(): void {
    this.unwatch = watch(() => this.seen.readings((id) => this.health.openExchanges(id), Date.now()));
  }

  onModuleDestroy(): void {
    this.unwatch?.();
  }

  /** Oldest account first. */
  async of(poolId: PoolId): Promise<readonly AccountSnapshot[]> {
    const nowMs = Date.now();
    const rows = await this.rows.of(poolId, nowMs);
    return rows.map((row) => this.asOf(row, nowMs));
  }

  private asOf(row: AccountRow, nowMs: number): AccountSnapshot {
    const { id, label, kind, status, priority, credentialEpoch, accessTokenExpiresAtMs, models, createdAtMs } = row;
    const { operations, metered } = this.kinds.of(kind);
    const { cooldown, lanes, pulse } = this.health.of(row, nowMs);
    const { windows, meters } = this.quota.evidenceOf(id, row, nowMs);
    const known = { windows, meters };
    const ended = isOver(coolingIn(row), known, nowMs);
    const stored = ended ? NOT_COOLING : coolingIn(row);
    const marked = cooldown && cooldown.untilMs > stored.coolingUntilMs ? coolingOf(cooldown) : stored;
    const cooling = isOver(marked, known, nowMs) ? NOT_COOLING : marked;
    this.seen.see(id, label, nowMs);
    this.health.shown({ id, coolingUntilMs: cooling.coolingUntilMs }, ended ? row.coolingSinceMs : undefined);
    return {
      id,
      label,
      kind,
      status,
      priority,
      credentialEpoch,
      ...present({ accessTokenExpiresAtMs }),
      models,
      ...(operations ? { operations } : {}),
      ...(metered ? { metered } : {}),
      windows,
      meters,
      ...cooling,
      lanes,
      pulse,
      openExchanges: this.health.openExchanges(id),
      maxConcurrent: row.maxConcurrent ?? this.config.ACCOUNT_CONCURRENCY,
      createdAtMs,
    };
  }
}

const coolingOf = ({ sinceMs, untilMs, reason }: Cooldown): Cooling => ({
  coolingUntilMs: untilMs,
  coolingReason: reason,
  coolingSinceMs: sinceMs,
});

const coolingIn = ({ coolingUntilMs, coolingReason, coolingSinceMs }: AccountRow): Cooling => ({
  coolingUntilMs,
  ...(coolingReason === undefined ? {} : { coolingReason }),
  ...(coolingSinceMs === undefined ? {} : { coolingSinceMs }),
});

/** A spent quota is a matter of evidence: what was learnt since may say that it came back early. */
const isOver = (
  { coolingUntilMs, coolingReason, coolingSinceMs }: Cooling,
  known: Pick<AccountSnapshot, 'windows' | 'meters'>,
  nowMs: number,
): boolean =>
  coolingUntilMs > nowMs &&
  coolingReason === ('upstream_quota_exhausted' satisfies ErrorCode) &&
  coolingSinceMs !== undefined &&
  quotaCameBack(known, coolingSinceMs, nowMs);
