import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AccountId, ErrorCode, GatewayError } from '../core/index.js';
import { safeError } from '../platform/telemetry/index.js';
import { AccountChanges } from './account-changes.service.js';
import type { AccountSnapshot } from './account-snapshot.js';
import { coolingUntil } from './cooldown.js';

export interface Cooldown {
  readonly untilMs: number;
  readonly reason: ErrorCode;
}

interface Mark extends Cooldown {
  /** Set when only these credentials were refused: it says nothing about newer ones. */
  readonly epoch: number | undefined;
  written: boolean;
}

/** A later end by less than this is not worth a write: calls that fail together fail within it. */
const WORTH_WRITING_MS = 1_000;

const UPDATE = `
  UPDATE upstream_account
     SET cooling_until = to_timestamp($2::float8 / 1000), cooling_reason = $3, updated_at = now()
   WHERE id = $1 AND ($4::bigint IS NULL OR credential_epoch = $4::bigint)
     AND coalesce(cooling_until, '-infinity') < to_timestamp($2::float8 / 1000)`;

/**
 * What this process learns about accounts from its own calls: who must sit out, and how many answers of each are being
 * read. A mark holds here from the moment it is made, everywhere else once it is written.
 */
@Injectable()
export class AccountHealth {
  private readonly log = new Logger(AccountHealth.name);
  private readonly marks = new Map<AccountId, Mark>();
  private readonly open = new Map<AccountId, number>();
  private readonly writes = new Set<Promise<void>>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly changes: AccountChanges,
  ) {
    // Once written, the row is the truth: an operator, or a new login, may have ended the cooldown since.
    changes.listen((id) => {
      if (this.marks.get(id)?.written === true) this.marks.delete(id);
    });
  }

  /** @returns the end of the exchange; calling it again does nothing */
  enter(id: AccountId): () => void {
    this.open.set(id, this.openExchanges(id) + 1);
    let entered = true;
    return () => {
      if (!entered) return;
      entered = false;
      const left = this.openExchanges(id) - 1;
      if (left > 0) this.open.set(id, left);
      else this.open.delete(id);
    };
  }

  openExchanges(id: AccountId): number {
    return this.open.get(id) ?? 0;
  }

  /** The cooldown that was marked here, as long as it holds for the account's present credentials. */
  cooldown(id: AccountId, credentialEpoch: number): Cooldown | undefined {
    const mark = this.marks.get(id);
    return mark && (mark.epoch === undefined || mark.epoch === credentialEpoch) ? mark : undefined;
  }

  /** Let the account sit out if the failure is its own. Never throws; the write goes on by itself. */
  failed(account: Pick<AccountSnapshot, 'id' | 'credentialEpoch'>, error: GatewayError, nowMs: number): void {
    const untilMs = coolingUntil(error, nowMs);
    if (untilMs === undefined) return;
    const known = this.cooldown(account.id, account.credentialEpoch);
    if (known && untilMs - known.untilMs < WORTH_WRITING_MS) return;
    const epoch = error.code === 'upstream_account_rejected' ? account.credentialEpoch : undefined;
    const mark: Mark = { untilMs, reason: error.code, epoch, written: false };
    this.marks.set(account.id, mark);
    const write = this.write(account.id, mark).finally(() => this.writes.delete(write));
    this.writes.add(write);
  }

  /** Resolves when every mark made so far is written, or could not be. */
  async written(): Promise<void> {
    await Promise.all(this.writes);
  }

  private async write(id: AccountId, mark: Mark): Promise<void> {
    try {
      await this.dataSource.query(UPDATE, [id, mark.untilMs, mark.reason, mark.epoch ?? null]);
      mark.written = true;
      this.changes.announce(id);
    } catch (error) {
      this.log.warn({ msg: 'a cooldown was not written', accountId: id, error: safeError(error) });
    }
  }
}
