import type { AccountId, CallId, CostStatus, KeyId, PoolId } from '../core/index.js';
import type { AttemptStart, CallIntent, Transport } from './call-intent.js';
import { decisionRecord, type DecisionRecord } from './decision-record.js';
import type { AttemptOutcome, AttemptResult, CallOutcome, Settlement } from './settlement.js';
import { storedText, storedTime } from './stored-text.js';

/** A `request` row before its end, as JSON: keys are column names, absent means NULL, times are ISO 8601. */
export interface RequestRecord {
  readonly id: CallId;
  readonly request_id: string;
  readonly process_id: string;
  readonly pool_id: PoolId;
  readonly key_id: KeyId;
  readonly key_label: string;
  readonly dialect: string;
  readonly route: string;
  readonly transport: Transport;
  readonly model: string;
  /** Hexadecimal. */
  readonly session_digest?: string;
  readonly trace_id?: string;
  readonly received_at: string;
}

export interface AttemptRecord {
  readonly number: number;
  readonly account_id: AccountId;
  readonly account_label: string;
  readonly metered?: true;
  readonly started_at: string;
}

/** An `attempt` row on its own, for the intent. */
export interface AttemptStartRecord extends AttemptRecord {
  readonly request_id: CallId;
}

interface AttemptResultRecord extends AttemptRecord {
  readonly status: AttemptOutcome;
  readonly error_code?: string;
  readonly upstream_status?: number;
  readonly first_event_at?: string;
  readonly completed_at: string;
}

/** All rows of one call, as they are when it has ended: what waits in the outbox, and goes into the one SQL function. */
export interface SettlementRecord extends RequestRecord {
  /** In no table: for whoever writes the record, to be linked to. */
  readonly span_id?: string;
  readonly status: CallOutcome;
  readonly http_status?: number;
  readonly error_code?: string;
  readonly blame?: string;
  readonly decision?: DecisionRecord;
  readonly first_event_at?: string;
  readonly completed_at: string;
  readonly usage_known: boolean;
  readonly input_uncached?: number;
  readonly input_cached?: number;
  readonly cache_write?: number;
  readonly output?: number;
  readonly reasoning?: number;
  readonly estimated_input?: number;
  readonly estimated_output?: number;
  /** Absent in what gateways of an older version hand over. */
  readonly cost_status?: CostStatus;
  readonly cost_nano_usd?: number;
  readonly price_version?: string;
  readonly actual_model?: string;
  readonly service_tier?: string;
  /** Of the last attempt. */
  readonly account_id?: AccountId;
  /** Of the last attempt. */
  readonly metered?: true;
  readonly attempts: readonly AttemptResultRecord[];
}

export function requestRecord(call: CallIntent, processId: string): RequestRecord {
  return {
    id: call.callId,
    request_id: storedText(call.requestId),
    process_id: processId,
    pool_id: call.poolId,
    key_id: call.keyId,
    key_label: storedText(call.keyLabel),
    dialect: call.dialect,
    route: storedText(call.route),
    transport: call.transport,
    model: storedText(call.model),
    received_at: storedTime(call.receivedAtMs),
    ...(call.sessionDigest && { session_digest: call.sessionDigest.toString('hex') }),
    ...(call.traceId !== undefined && { trace_id: storedText(call.traceId) }),
  };
}

const attemptRecord = (start: AttemptStart): AttemptRecord => ({
  number: start.number,
  account_id: start.accountId,
  account_label: storedText(start.accountLabel),
  ...(start.metered === true && { metered: true }),
  started_at: storedTime(start.startedAtMs),
});

export const attemptStartRecord = (callId: CallId, start: AttemptStart): AttemptStartRecord => ({
  request_id: callId,
  ...attemptRecord(start),
});

const firstEventAt = ({ firstEventAtMs }: { readonly firstEventAtMs?: number }) =>
  firstEventAtMs === undefined ? {} : { first_event_at: storedTime(firstEventAtMs) };

const attemptResultRecord = (result: AttemptResult): AttemptResultRecord => ({
  ...attemptRecord(result),
  status: result.outcome,
  completed_at: storedTime(result.completedAtMs),
  ...firstEventAt(result),
  ...(result.errorCode !== undefined && { error_code: storedText(result.errorCode) }),
  ...(result.upstreamStatus !== undefined && { upstream_status: result.upstreamStatus }),
});

/** Unknown usage has no buckets at all: unknown is not zero. */
function usageFields({ usage }: Settlement) {
  if (!usage) return { usage_known: false };
  return {
    usage_known: true,
    input_uncached: usage.inputUncached,
    input_cached: usage.inputCached,
    cache_write: usage.cacheWrite,
    output: usage.output,
    reasoning: usage.reasoning,
  };
}

const costFields = ({ cost, estimate }: Settlement) => ({
  cost_status: cost.status,
  ...(cost.nanoUsd !== undefined && { cost_nano_usd: cost.nanoUsd }),
  ...(cost.priceVersion !== undefined && { price_version: storedText(cost.priceVersion) }),
  ...(estimate && { estimated_input: estimate.input, estimated_output: estimate.output }),
});

const endFields = ({ httpStatus, error }: Settlement) => ({
  ...(httpStatus !== undefined && { http_status: httpStatus }),
  ...(error && { error_code: storedText(error.code), blame: storedText(error.blame) }),
});

export function settlementRecord(settlement: Settlement, processId: string): SettlementRecord {
  const served = settlement.attempts.at(-1);
  return {
    ...requestRecord(settlement, processId),
    ...(settlement.spanId !== undefined && { span_id: settlement.spanId }),
    status: settlement.outcome,
    completed_at: storedTime(settlement.completedAtMs),
    ...firstEventAt(settlement),
    ...endFields(settlement),
    ...usageFields(settlement),
    ...costFields(settlement),
    ...(settlement.actualModel !== undefined && { actual_model: storedText(settlement.actualModel) }),
    ...(settlement.serviceTier !== undefined && { service_tier: storedText(settlement.serviceTier) }),
    ...(served && { account_id: served.accountId }),
    ...(served?.metered === true && { metered: true }),
    attempts: settlement.attempts.map(attemptResultRecord),
    ...(settlement.decision && { decision: decisionRecord(settlement.decision) }),
  };
}
