import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AccountId, QuotaReport } from '../../core/index.js';
import { safeError } from '../../platform/telemetry/index.js';
import { withReport, type AccountEvidence, type SeenReport } from './account-evidence.js';
import { changes, SELECT_EVIDENCE, TAKE_TURNS } from './evidence-sql.js';

/** An account, and the credentials with which it was asked. */
export interface Asked {
  readonly id: AccountId;
  readonly credentialEpoch: number;
}

interface Held {
  /** Newest last. */
  reports: readonly SeenReport[];
  unwritten: readonly SeenReport[];
  /** What came of it, and out of which rows. */
  folded?: { readonly stored: AccountEvidence; readonly evidence: AccountEvidence };
}

const WRITE_EVERY_MS = 1_000;
/** By then what was written shows in the rows. */
const WRITTEN_AFTER_MS = 10_000;
/** Of one account; the oldest go first, and later ones say as much. */
const MAX_REPORTS = 32;

const last = (reports: readonly SeenReport[]): readonly SeenReport[] => reports.slice(-MAX_REPORTS);

/**
 * What upstreams report about their quota. Known here at once, written at most once a second; a stream never waits for it.
 * What to believe is decided in one place, whoever comes first: the same reports lead to the same rows.
 */
@Injectable()
export class QuotaEvidence implements OnApplicationShutdown {
  private readonly log = new Logger(QuotaEvidence.name);
  private readonly held = new Map<AccountId, Held>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly dataSource: DataSource) {}

  /**
   * @param report `undefined` when nothing was said
   * @param nowMs when it came, unless it says so itself: Unix time in milliseconds
   */
  saw({ id, credentialEpoch }: Asked, report: QuotaReport | undefined, nowMs: number): void {
    if (report === undefined || saysNothing(report)) return;
    const seen = { report, atMs: Math.min(nowMs, report.receivedAtMs ?? nowMs), credentialEpoch };
    const held = this.held.get(id) ?? { reports: [], unwritten: [] };
    const recent = held.reports.filter((known) => known.atMs > nowMs - WRITTEN_AFTER_MS);
    held.reports = last([...recent, seen]);
    held.unwritten = last([...held.unwritten, seen]);
    if (held.folded) held.folded = { ...held.folded, evidence: withReport(held.folded.evidence, seen, nowMs) };
    this.held.set(id, held);
    this.timer ??= setTimeout(() => void this.flush(), WRITE_EVERY_MS).unref();
  }

  /**
   * Take over what the account's upstream said when it was asked.
   *
   * @throws when it cannot be stored
   */
  async reported(account: Asked, report: QuotaReport, nowMs: number): Promise<void> {
    this.saw(account, report, nowMs);
    await this.write(account.id, nowMs);
  }

  /** What is believed of an account: as stored, and as reported here since. */
  evidenceOf(id: AccountId, stored: AccountEvidence, nowMs: number): AccountEvidence {
    const held = this.held.get(id);
    if (held === undefined) return stored;
    if (held.folded?.stored.windows !== stored.windows) {
      held.reports = held.reports.filter(
        (seen) => seen.atMs > nowMs - WRITTEN_AFTER_MS || held.unwritten.includes(seen),
      );
      const { windows, meters } = stored;
      const evidence = held.reports.reduce((known, seen) => withReport(known, seen, nowMs), { windows, meters });
      held.folded = { stored, evidence };
      if (held.reports.length === 0) this.held.delete(id);
    }
    return held.folded.evidence;
  }

  /** Write what is not written yet. Never rejects: what could not be written goes with the next report. */
  async flush(nowMs = Date.now()): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const waiting = [...this.held].filter(([, { unwritten }]) => unwritten.length > 0);
    for (const [id] of waiting) {
      try {
        await this.write(id, nowMs);
      } catch (error) {
        this.log.warn({ msg: 'quota evidence was not written', accountId: id, error: safeError(error) });
      }
    }
  }

  onApplicationShutdown(): Promise<void> {
    return this.flush();
  }

  private async write(id: AccountId, nowMs: number): Promise<void> {
    const held = this.held.get(id);
    const reports = held?.unwritten ?? [];
    if (!held || reports.length === 0) return;
    held.unwritten = [];
    try {
      await this.dataSource.transaction(async (db) => {
        await db.query(TAKE_TURNS, [id]);
        const [known] = await db.query<AccountEvidence[]>(SELECT_EVIDENCE, [id]);
        if (known === undefined) return;
        const next = reports.reduce((evidence, seen) => withReport(evidence, seen, nowMs), known);
        for (const [sql, what] of changes(known, next)) await db.query(sql, [id, what]);
      });
    } catch (error) {
      const now = this.held.get(id) ?? held;
      now.unwritten = last([...reports, ...now.unwritten]);
      now.reports = last([...reports.filter((seen) => !now.reports.includes(seen)), ...now.reports]);
      this.held.set(id, now);
      throw error;
    }
  }
}

const saysNothing = ({ windows, wholeMeters, meters }: QuotaReport): boolean =>
  windows.length === 0 && wholeMeters.length === 0 && meters.length === 0;
