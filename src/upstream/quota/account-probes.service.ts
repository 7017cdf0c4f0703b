import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AccountId, QuotaReport } from '../../core/index.js';
import type { ProbeOutcome } from './account-probe.entity.js';
import { isDue, nextAt, outageAfter, type Asking, type Outage } from './usage-cadence.js';

/** The right to ask an account's upstream now. */
export interface ProbeClaim {
  readonly id: AccountId;
  readonly kind: string;
  readonly credentialEpoch: number;
  readonly round: number;
  readonly startedAtMs: number;
}

interface AskingRow {
  readonly id: AccountId;
  readonly kind: string;
  readonly paused: boolean;
  readonly last_success_at: Date | null;
  readonly told_at: Date | null;
  readonly heard_at: Date | null;
  readonly fullest: number;
  readonly round: string | null;
  readonly started_at: Date | null;
  readonly failures: number | null;
  readonly next_at: Date | null;
}

interface OutageRow {
  readonly kind: string;
  readonly rounds: number | null;
  readonly until: Date | null;
  readonly failed: number;
  readonly all: number;
}

type Told = Pick<QuotaReport, 'plan' | 'resetCredits'>;

/** Whoever claimed an account and has not been heard of for so long is taken for dead: longer than a probe may take. */
const CLAIM_MS = 90_000;
/** Probes older than this say nothing of how the provider is now. */
const RECENT_MS = 5 * 60_000;

const at = (parameter: string): string => `to_timestamp(${parameter}::float8 / 1000)`;

/** Parameters: now; an account, null for all. */
const SELECT_ASKING = `
  SELECT a.id, a.kind, a.last_success_at, p.round, p.started_at, p.failures, p.next_at,
         a.status = 'paused' OR (EXISTS (SELECT FROM pool_account o WHERE o.account_id = a.id)
           AND NOT EXISTS (SELECT FROM pool_account o WHERE o.account_id = a.id AND o.status = 'active')) AS paused,
         w.told_at, greatest(w.heard_at, (SELECT max(m.observed_at) FROM account_meter m WHERE m.account_id = a.id))
           AS heard_at,
         w.fullest
    FROM upstream_account a
         LEFT JOIN account_probe p ON p.account_id = a.id
         CROSS JOIN LATERAL (
           SELECT max(observed_at) AS heard_at, max(observed_at) FILTER (WHERE source <> 'usage') AS told_at,
                  coalesce(max(used_percent) FILTER (WHERE resets_at > ${at('$1')}), 0) AS fullest
             FROM account_quota_window WHERE account_id = a.id) w
   WHERE a.status IN ('active', 'paused', 'draining') AND ($2::uuid IS NULL OR a.id = $2::uuid)
   ORDER BY p.started_at NULLS FIRST`;

/** Parameters: account, now. One at a time: whoever comes second gets no row. */
const CLAIM = `
  INSERT INTO account_probe AS known (account_id, round, started_at, next_at)
  SELECT id, 1, ${at('$2')}, ${at('$2')} FROM upstream_account
   WHERE id = $1 AND status IN ('active', 'paused', 'draining')
  ON CONFLICT ON CONSTRAINT account_probe_pk DO UPDATE SET round = known.round + 1, started_at = excluded.started_at
   WHERE known.completed_round = known.round OR known.started_at < excluded.started_at - interval '${CLAIM_MS} ms'
  RETURNING round, (SELECT kind FROM upstream_account a WHERE a.id = account_id) AS kind,
            (SELECT credential_epoch FROM upstream_account a WHERE a.id = account_id) AS credential_epoch`;

/** Parameters: account, round. */
const OVERTAKEN = 'SELECT FROM account_probe WHERE account_id = $1 AND completed_round > $2';

/** Parameters: account, round, now, outcome, next, saved resets. A probe that a later one has overtaken changes nothing. */
const COMPLETE = `
  UPDATE account_probe
     SET completed_round = $2, completed_at = ${at('$3')}, outcome = $4, next_at = ${at('$5')},
         failures = CASE WHEN $4 = 'stored' THEN 0 ELSE failures + 1 END, reset_credits = coalesce($6, reset_credits)
   WHERE account_id = $1 AND completed_round < $2`;

const SAVE_PLAN = `
  UPDATE upstream_account SET plan = $2, updated_at = now() WHERE id = $1 AND plan IS DISTINCT FROM $2`;

/** Parameters: now, and how far back is recent. Of each kind what came of its probes since its last outage ended. */
const SELECT_OUTAGES = `
  SELECT a.kind, o.rounds, o.until, count(*) FILTER (WHERE p.outcome IN ('rate_limited', 'unavailable'))::integer AS failed,
         count(p.completed_at)::integer AS all
    FROM upstream_account a
         LEFT JOIN usage_outage o ON o.kind = a.kind
         LEFT JOIN account_probe p ON p.account_id = a.id
              AND p.completed_at > greatest(${at('$1')} - $2 * interval '1 ms', o.until)
   GROUP BY a.kind, o.rounds, o.until`;

const SAVE_OUTAGE = `
  INSERT INTO usage_outage (kind, rounds, until) VALUES ($1, $2, ${at('$3')})
  ON CONFLICT ON CONSTRAINT usage_outage_pk DO UPDATE SET rounds = excluded.rounds, until = excluded.until`;

/** When accounts were asked for their usage, and when they are to be. Shared by all workers. */
@Injectable()
export class AccountProbes {
  constructor(private readonly dataSource: DataSource) {}

  /** The accounts that are to be asked now, those that have waited longest first. */
  async due(nowMs: number): Promise<readonly AccountId[]> {
    const out = await this.outages(nowMs);
    const rows = await this.dataSource.query<AskingRow[]>(SELECT_ASKING, [nowMs, null]);
    return rows.filter((row) => !out.has(row.kind) && isDue(askingOf(row), nowMs)).map(({ id }) => id);
  }

  /** @returns undefined when somebody else is asking, or the account cannot be used */
  async claim(id: AccountId, nowMs: number): Promise<ProbeClaim | undefined> {
    const [row] = await this.dataSource.query<{ round: string; kind: string; credential_epoch: string }[]>(CLAIM, [
      id,
      nowMs,
    ]);
    if (row === undefined) return undefined;
    const { round, kind, credential_epoch: epoch } = row;
    return { id, kind, credentialEpoch: Number(epoch), round: Number(round), startedAtMs: nowMs };
  }

  /** Whether a probe that started later has come to its end already. */
  async isOvertaken({ id, round }: ProbeClaim): Promise<boolean> {
    return (await this.dataSource.query<unknown[]>(OVERTAKEN, [id, round])).length > 0;
  }

  /** @param told beside the account's quota */
  async complete(claim: ProbeClaim, outcome: ProbeOutcome, nowMs: number, told: Told = {}): Promise<void> {
    const { id, round, startedAtMs } = claim;
    const [row] = await this.dataSource.query<AskingRow[]>(SELECT_ASKING, [nowMs, id]);
    if (row === undefined) return;
    const failures = outcome === 'stored' ? 0 : (row.failures ?? 0) + 1;
    const next = nextAt(askingOf(row), round, startedAtMs, failures, nowMs);
    await this.dataSource.query(COMPLETE, [id, round, nowMs, outcome, next, told.resetCredits ?? null]);
    // What the account's own upstream says of its plan holds, whatever was known.
    if (told.plan !== undefined) await this.dataSource.query(SAVE_PLAN, [id, told.plan]);
  }

  /** Kinds that nobody is to ask now. */
  private async outages(nowMs: number): Promise<ReadonlySet<string>> {
    const rows = await this.dataSource.query<OutageRow[]>(SELECT_OUTAGES, [nowMs, RECENT_MS]);
    const out = new Set<string>();
    for (const row of rows) {
      const known = outageOf(row);
      const next = outageAfter(known, row, nowMs);
      if (next && next.untilMs > nowMs) out.add(row.kind);
      if (next && next !== known) await this.dataSource.query(SAVE_OUTAGE, [row.kind, next.rounds, next.untilMs]);
      if (known && !next) await this.dataSource.query('DELETE FROM usage_outage WHERE kind = $1', [row.kind]);
    }
    return out;
  }
}

const outageOf = ({ rounds, until }: OutageRow): Outage | undefined =>
  rounds === null || until === null ? undefined : { rounds, untilMs: until.getTime() };

function askingOf(row: AskingRow): Asking {
  const { id, paused, fullest, round, started_at: started, next_at: next } = row;
  return {
    id,
    paused,
    fullest,
    ...(row.last_success_at ? { lastSuccessAtMs: row.last_success_at.getTime() } : {}),
    ...(row.told_at ? { toldAtMs: row.told_at.getTime() } : {}),
    ...(row.heard_at ? { heardAtMs: row.heard_at.getTime() } : {}),
    ...(round !== null && started && next
      ? {
          asked: {
            round: Number(round),
            startedAtMs: started.getTime(),
            failures: row.failures ?? 0,
            nextAtMs: next.getTime(),
          },
        }
      : {}),
  };
}
