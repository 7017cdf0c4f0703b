import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AccountId, ErrorCode } from '../../core/index.js';
import { safeError } from '../../platform/telemetry/index.js';
import { AccountChanges } from '../account-changes.service.js';
import type { AccountSnapshot } from '../account-snapshot.js';

/** An account sits out. Times in Unix milliseconds. */
export interface Cooldown {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly reason: ErrorCode;
}

interface Mark extends Cooldown {
  /** Set when only these credentials were refused: it says nothing about newer ones. */
  readonly epoch: number | undefined;
  written: boolean;
  /** The rows that are read from now on say it themselves, or that it was ended. */
  told: boolean;
}

/** A later end by less than this is not worth a write: calls that fail together fail within it. */
const WORTH_WRITING_MS = 1_000;

const UPDATE = `
  UPDATE upstream_account
     SET cooling_until = to_timestamp($2::float8 / 1000), cooling_since = to_timestamp($5::float8 / 1000),
         cooling_reason = $3, updated_at = now()
   WHERE id = $1 AND ($4::bigint IS NULL OR credential_epoch = $4::bigint)
     AND (coalesce(cooling_until, '-infinity') < to_timestamp($2::float8 / 1000)
          OR date_trunc('milliseconds', cooling_since) = to_timestamp($6::float8 / 1000))`;

/** Which accounts sit out. A mark holds here from the moment it is made, everywhere else once it is written. */
@Injectable()
export class Cooldowns {
  private readonly log = new Logger(Cooldowns.name);
  private readonly marks = new Map<AccountId, Mark>();
  /** What was found or shown last. */
  private readonly latest = new Map<AccountId, Pick<Mark, 'untilMs' | 'epoch'>>();
  /** The cooldowns of rows that evidence has ended before their time: when each began. Whatever comes next replaces them. */
  private readonly ended = new Map<AccountId, number>();
  private readonly writes = new Set<Promise<void>>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly changes: AccountChanges,
  ) {
    changes.listen((id) => {
      const mark = this.marks.get(id);
      if (mark?.written === true) mark.told = true;
    });
  }

  /**
   * The cooldown that was marked here, as long as it holds for the account's present credentials. Once it is written, the
   * row is the truth: an operator, or a new login, may have ended it since.
   *
   * @param account as the database had it just now
   */
  of({ id, credentialEpoch }: Pick<AccountSnapshot, 'id' | 'credentialEpoch'>): Cooldown | undefined {
    const mark = this.marks.get(id);
    if (mark?.told === true) this.marks.delete(id);
    return mark?.told === false && holdsFor(mark, credentialEpoch) ? mark : undefined;
  }

  /**
   * A snapshot was made that says so of the account.
   *
   * @param endedSinceMs of the row's cooldown, when it began, if evidence has ended it early
   */
  shown({ id, coolingUntilMs }: Pick<AccountSnapshot, 'id' | 'coolingUntilMs'>, endedSinceMs?: number): void {
    if (endedSinceMs === undefined) this.ended.delete(id);
    else this.ended.set(id, endedSinceMs);
    if (coolingUntilMs === 0) this.latest.delete(id);
    else this.latest.set(id, { untilMs: coolingUntilMs, epoch: undefined });
  }

  /** Whether it is known here that an account sits out which did not, or not as long, when its snapshot was made. */
  isNewTo(account: Pick<AccountSnapshot, 'id' | 'credentialEpoch' | 'coolingUntilMs'>, nowMs: number): boolean {
    const latest = this.latest.get(account.id);
    if (latest === undefined || !holdsFor(latest, account.credentialEpoch)) return false;
    return latest.untilMs > nowMs && latest.untilMs > account.coolingUntilMs;
  }

  /** Let the account sit out, never for less long than it does. Never throws; the write goes on by itself. */
  mark(account: Pick<AccountSnapshot, 'id' | 'credentialEpoch'>, cooldown: Cooldown): void {
    const known = this.marks.get(account.id);
    const holds = known?.told === false && holdsFor(known, account.credentialEpoch);
    if (holds && cooldown.untilMs - known.untilMs < WORTH_WRITING_MS) return;
    const epoch = cooldown.reason === 'upstream_account_rejected' ? account.credentialEpoch : undefined;
    const mark: Mark = { ...cooldown, epoch, written: false, told: false };
    this.marks.set(account.id, mark);
    this.latest.set(account.id, mark);
    const write = this.write(account.id, mark).finally(() => this.writes.delete(write));
    this.writes.add(write);
  }

  /** Resolves when every mark made so far is written, or could not be. */
  async written(): Promise<void> {
    await Promise.all(this.writes);
  }

  private async write(id: AccountId, mark: Mark): Promise<void> {
    const { untilMs, sinceMs, reason, epoch } = mark;
    try {
      const ended = this.ended.get(id) ?? null;
      await this.dataSource.query(UPDATE, [id, untilMs, reason, epoch ?? null, sinceMs, ended]);
      mark.written = true;
      this.changes.announce(id);
    } catch (error) {
      this.log.warn({ msg: 'a cooldown was not written', accountId: id, error: safeError(error) });
    }
  }
}

const holdsFor = ({ epoch }: Pick<Mark, 'epoch'>, credentialEpoch: number): boolean =>
  epoch === undefined || epoch === credentialEpoch;
