import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AccountId, QuotaReport, QuotaWindow } from '../../core/index.js';
import { safeError } from '../../platform/telemetry/index.js';
import { DOUBT_MS, latestWindows, SAME_RESET_MS, windowKey, type ObservedWindow } from './observed-window.js';

const WRITE_EVERY_MS = 1_000;
/** By then what was written shows in the rows; a window that does not was taken out of them. */
const WRITTEN_AFTER_MS = 10_000;

/** The SQL of what `latestWindows` takes for a replay. */
const isDoubtful = (row: string, against: string): string => `(
  CASE WHEN abs(extract(epoch FROM ${row}.resets_at - ${against}.resets_at)) > ${SAME_RESET_MS / 1_000}
       THEN ${row}.resets_at < ${against}.resets_at
       ELSE ${row}.used_percent = 0 AND ${against}.used_percent > 0 END)`;

/** As `latestWindows` decides, in one statement: two processes may write at once. */
const UPSERT = `
  INSERT INTO account_quota_window AS known (account_id, limit_id, window_minutes, used_percent, resets_at, observed_at)
  SELECT r.account_id, r.limit_id, r.window_minutes, r.used_percent, r.resets_at, r.observed_at
    FROM jsonb_to_recordset($1::jsonb) AS r (account_id uuid, limit_id text, window_minutes integer, used_percent real,
                                             resets_at timestamptz, observed_at timestamptz)
    JOIN upstream_account a ON a.id = r.account_id
   ORDER BY r.account_id, r.limit_id, r.window_minutes
  ON CONFLICT ON CONSTRAINT account_quota_window_pk DO UPDATE
     SET used_percent = excluded.used_percent, resets_at = excluded.resets_at, observed_at = excluded.observed_at
   WHERE excluded.observed_at - known.observed_at > CASE
           WHEN ${isDoubtful('excluded', 'known')} THEN interval '${DOUBT_MS} ms'
           WHEN ${isDoubtful('known', 'excluded')} THEN interval '-${DOUBT_MS} ms'
           ELSE interval '0' END`;

const CLEAR = `
  DELETE FROM account_quota_window
   WHERE account_id = $1 AND limit_id = ANY($2) AND NOT (limit_id || ' ' || window_minutes = ANY($3))
     AND observed_at < to_timestamp($4::float8 / 1000)`;

/**
 * What upstreams report about their quota windows while they answer. Known here at once, written at most once a second;
 * a stream never waits for it.
 */
@Injectable()
export class QuotaEvidence implements OnApplicationShutdown {
  private readonly log = new Logger(QuotaEvidence.name);
  private readonly seen = new Map<AccountId, ReadonlyMap<string, ObservedWindow>>();
  private readonly unwritten = new Map<string, { accountId: AccountId; window: ObservedWindow }>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly dataSource: DataSource) {}

  /** @param nowMs when they were reported, Unix time in milliseconds */
  saw(accountId: AccountId, windows: readonly QuotaWindow[], nowMs: number): void {
    if (windows.length === 0) return;
    const observed = windows.map((window) => ({ ...window, observedAtMs: nowMs }));
    const known = this.seen.get(accountId)?.values() ?? [];
    const latest = latestWindows(
      observed,
      [...known].filter((window) => window.resetsAtMs > nowMs),
    );
    this.seen.set(accountId, latest);
    for (const window of observed) {
      const newest = latest.get(windowKey(window));
      if (newest) this.unwritten.set(`${accountId} ${windowKey(window)}`, { accountId, window: newest });
    }
    this.timer ??= setTimeout(() => void this.flush(), WRITE_EVERY_MS).unref();
  }

  /**
   * Take over a whole report: what it says, and that windows which it says are not there are no more.
   *
   * @throws when it cannot be stored
   */
  async reported(accountId: AccountId, report: QuotaReport, nowMs: number): Promise<void> {
    const there = report.windows.map(windowKey);
    const isOver = (window: ObservedWindow): boolean =>
      report.wholeMeters.includes(window.limitId) && !there.includes(windowKey(window)) && window.observedAtMs < nowMs;
    const known = this.seen.get(accountId) ?? new Map<string, ObservedWindow>();
    this.seen.set(accountId, new Map([...known].filter(([, window]) => !isOver(window))));
    for (const [key, entry] of this.unwritten) {
      if (entry.accountId === accountId && isOver(entry.window)) this.unwritten.delete(key);
    }
    this.saw(accountId, report.windows, nowMs);
    await this.dataSource.query(CLEAR, [accountId, report.wholeMeters, there, nowMs]);
    await this.flush();
  }

  /** The windows of an account: as stored, or as seen here since. */
  windowsOf(accountId: AccountId, stored: readonly ObservedWindow[]): readonly ObservedWindow[] {
    const seen = this.seen.get(accountId);
    if (seen === undefined) return stored;
    const rows = new Set(stored.map(windowKey));
    const since = Date.now() - WRITTEN_AFTER_MS;
    const own = [...seen].filter(
      ([key, window]) => rows.has(key) || window.observedAtMs > since || this.unwritten.has(`${accountId} ${key}`),
    );
    return [
      ...latestWindows(
        stored,
        own.map(([, window]) => window),
      ).values(),
    ];
  }

  /** Write what is not written yet. Never rejects: what could not be written goes with the next report. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const batch = [...this.unwritten];
    if (batch.length === 0) return;
    this.unwritten.clear();
    try {
      await this.dataSource.query(UPSERT, [JSON.stringify(batch.map(([, entry]) => record(entry)))]);
    } catch (error) {
      for (const [key, entry] of batch) if (!this.unwritten.has(key)) this.unwritten.set(key, entry);
      this.log.warn({ msg: 'quota windows were not written', windows: batch.length, error: safeError(error) });
    }
  }

  onApplicationShutdown(): Promise<void> {
    return this.flush();
  }
}

const record = ({ accountId, window }: { accountId: AccountId; window: ObservedWindow }) => ({
  account_id: accountId,
  limit_id: window.limitId,
  window_minutes: window.windowMinutes,
  used_percent: window.usedPercent,
  resets_at: new Date(window.resetsAtMs).toISOString(),
  observed_at: new Date(window.observedAtMs).toISOString(),
});
