import type { AccountId, CallId, Cost, CostStatus, EstimatedUsage, KeyId, PoolId, TokenUsage } from '../core/index.js';
import type { AttemptStatus } from './attempt.entity.js';
import type { Transport } from './call-intent.js';
import type { DecisionRecord } from './decision-record.js';
import type { RequestStatus } from './request.entity.js';
import type { CallOutcome, SettledBy } from './settlement.js';

export interface LoggedAttempt {
  readonly number: number;
  readonly accountId: AccountId;
  readonly accountLabel: string;
  readonly status: AttemptStatus;
  readonly errorCode?: string;
  readonly upstreamStatus?: number;
  readonly startedAt: Date;
  readonly firstEventAt?: Date;
  readonly completedAt?: Date;
}

export interface LoggedEntry {
  readonly outcome: CallOutcome;
  /** Absent when it is unknown. */
  readonly usage?: TokenUsage;
  /** Our own count where that is so, if anything was used at all. */
  readonly estimate?: EstimatedUsage;
  /** As it was corrected last, if it was. */
  readonly cost: Cost;
  /** The model that the upstream says it used. */
  readonly model?: string;
  readonly serviceTier?: string;
  readonly accountId?: AccountId;
  /** What it used is paid for by itself. */
  readonly metered?: true;
  readonly settledBy: SettledBy;
  readonly occurredAt: Date;
  readonly settledAt: Date;
}

/** One call as it is remembered. */
export interface LoggedRequest {
  readonly callId: CallId;
  readonly requestId: string;
  readonly poolId: PoolId;
  readonly keyId: KeyId;
  readonly keyLabel: string;
  readonly dialect: string;
  readonly route: string;
  readonly transport: Transport;
  readonly model: string;
  readonly traceId?: string;
  readonly status: RequestStatus;
  readonly httpStatus?: number;
  readonly errorCode?: string;
  readonly blame?: string;
  /** Accounts that could not be asked, and why. */
  readonly exclusions: readonly { readonly account: string; readonly label: string; readonly reason: string }[];
  /** The whole choice of accounts; absent while the call is in flight, and where there was none. */
  readonly decision?: DecisionRecord;
  readonly attempts: readonly LoggedAttempt[];
  readonly receivedAt: Date;
  readonly firstEventAt?: Date;
  readonly completedAt?: Date;
  /** Absent while the call is in flight. */
  readonly ledger?: LoggedEntry;
}

/** As the query gives it: the row itself, the rest as JSON, where times are text and `bigint` is a number. */
export interface LoggedRow {
  readonly id: CallId;
  readonly request_id: string;
  readonly pool_id: PoolId;
  readonly key_id: KeyId;
  readonly key_label: string;
  readonly dialect: string;
  readonly route: string;
  readonly transport: Transport;
  readonly model: string;
  readonly trace_id: string | null;
  readonly status: RequestStatus;
  readonly http_status: number | null;
  readonly error_code: string | null;
  readonly blame: string | null;
  readonly decision: DecisionRecord | null;
  /** Of gateways of an older version. */
  readonly exclusions: LoggedRequest['exclusions'] | null;
  readonly received_at: Date;
  /** ISO 8601 to the microsecond. */
  readonly received_at_text: string;
  readonly first_event_at: Date | null;
  readonly completed_at: Date | null;
  readonly attempts: readonly AttemptJson[];
  readonly ledger: LedgerJson | null;
  /** The newest one. */
  readonly correction: CostJson | null;
}

interface CostJson {
  readonly cost_status: CostStatus;
  readonly cost_nano_usd: number | null;
  readonly price_version: string | null;
}

interface AttemptJson {
  readonly number: number;
  readonly account_id: AccountId;
  readonly account_label: string;
  readonly status: AttemptStatus;
  readonly error_code: string | null;
  readonly upstream_status: number | null;
  readonly started_at: string;
  readonly first_event_at: string | null;
  readonly completed_at: string | null;
}

interface LedgerJson extends CostJson {
  readonly outcome: CallOutcome;
  readonly usage_known: boolean;
  readonly input_uncached: number | null;
  readonly input_cached: number | null;
  readonly cache_write: number | null;
  readonly output: number | null;
  readonly reasoning: number | null;
  readonly estimated_input: number | null;
  readonly estimated_output: number | null;
  readonly model: string | null;
  readonly service_tier: string | null;
  readonly account_id: AccountId | null;
  readonly metered: boolean;
  readonly settled_by: SettledBy;
  readonly occurred_at: string;
  readonly settled_at: string;
}

type Present<T> = { [Field in keyof T]?: NonNullable<T[Field]> };

/** Only the fields that have a value. */
const present = <T extends object>(fields: T): Present<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as Present<T>;

const time = (text: string | null): Date | null => (text === null ? null : new Date(text));

const loggedAttempt = (row: AttemptJson): LoggedAttempt => ({
  number: row.number,
  accountId: row.account_id,
  accountLabel: row.account_label,
  status: row.status,
  startedAt: new Date(row.started_at),
  ...present({
    errorCode: row.error_code,
    upstreamStatus: row.upstream_status,
    firstEventAt: time(row.first_event_at),
    completedAt: time(row.completed_at),
  }),
});

const loggedUsage = (row: LedgerJson): TokenUsage | null =>
  row.usage_known
    ? {
        inputUncached: row.input_uncached ?? 0,
        inputCached: row.input_cached ?? 0,
        cacheWrite: row.cache_write ?? 0,
        output: row.output ?? 0,
        reasoning: row.reasoning ?? 0,
      }
    : null;

const loggedEstimate = ({ estimated_input, estimated_output }: LedgerJson): EstimatedUsage | null =>
  estimated_input === null || estimated_output === null ? null : { input: estimated_input, output: estimated_output };

const loggedCost = (row: CostJson): Cost => ({
  status: row.cost_status,
  ...present({ nanoUsd: row.cost_nano_usd, priceVersion: row.price_version }),
});

const loggedEntry = (row: LedgerJson, correction: CostJson | null): LoggedEntry => ({
  outcome: row.outcome,
  cost: loggedCost(correction ?? row),
  settledBy: row.settled_by,
  occurredAt: new Date(row.occurred_at),
  settledAt: new Date(row.settled_at),
  ...present({
    usage: loggedUsage(row),
    estimate: loggedEstimate(row),
    model: row.model,
    serviceTier: row.service_tier,
    accountId: row.account_id,
    metered: row.metered ? (true as const) : null,
  }),
});

const passedOver = ({ account, label, reason }: DecisionRecord['exclusions'][number]) => ({ account, label, reason });

export const loggedRequest = (row: LoggedRow): LoggedRequest => ({
  callId: row.id,
  requestId: row.request_id,
  poolId: row.pool_id,
  keyId: row.key_id,
  keyLabel: row.key_label,
  dialect: row.dialect,
  route: row.route,
  transport: row.transport,
  model: row.model,
  status: row.status,
  receivedAt: row.received_at,
  exclusions: row.decision?.exclusions.map(passedOver) ?? row.exclusions ?? [],
  attempts: row.attempts.map(loggedAttempt),
  ...present({
    traceId: row.trace_id,
    httpStatus: row.http_status,
    errorCode: row.error_code,
    blame: row.blame,
    firstEventAt: row.first_event_at,
    completedAt: row.completed_at,
    decision: row.decision,
    ledger: row.ledger && loggedEntry(row.ledger, row.correction),
  }),
});
