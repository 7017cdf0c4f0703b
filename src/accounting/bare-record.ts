import { ERRORS, type ErrorCode } from '../core/index.js';
import type { SettlementRecord } from './records.js';
import type { CallOutcome } from './settlement.js';

const REFUSED: ErrorCode = 'settlement_refused';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const OUTCOMES: readonly CallOutcome[] = ['succeeded', 'failed', 'cancelled', 'rejected'];
const BUCKETS = ['input_uncached', 'input_cached', 'cache_write', 'output', 'reasoning'] as const;

/**
 * What is left of a record that Postgres does not take: whose call it was and how it ended. Its usage stays known where
 * that can be written; what it came to is known to nobody.
 *
 * @param record as it was kept; nothing of what is beyond its first half is believed to be what it should
 * @param nowMs Unix time in milliseconds, for an end that is no time
 */
export function bareRecord(record: SettlementRecord, nowMs: number): SettlementRecord {
  const { id, request_id, process_id, pool_id, key_id, key_label, dialect, route, transport, model } = record;
  const { account_id, actual_model, metered } = record;
  return {
    ...{ id, request_id, process_id, pool_id, key_id, key_label, dialect, route, transport, model },
    received_at: record.received_at,
    status: OUTCOMES.includes(record.status) ? record.status : 'failed',
    completed_at: isTime(record.completed_at) ? record.completed_at : new Date(nowMs).toISOString(),
    ...(isStatus(record.http_status) && { http_status: record.http_status }),
    error_code: REFUSED,
    blame: ERRORS[REFUSED].blame,
    ...bareUsage(record),
    cost_status: record.status === 'rejected' ? 'none' : 'unknown',
    ...(typeof account_id === 'string' && UUID.test(account_id) && { account_id }),
    ...(typeof actual_model === 'string' && { actual_model }),
    ...(metered === true && { metered }),
    attempts: [],
  };
}

function bareUsage(record: SettlementRecord): Pick<SettlementRecord, 'usage_known' | (typeof BUCKETS)[number]> {
  const buckets = BUCKETS.map((name) => [name, record[name]] as const);
  if (!record.usage_known || !buckets.every(([, tokens]) => isTokens(tokens))) return { usage_known: false };
  return { usage_known: true, ...Object.fromEntries(buckets) };
}

const isTokens = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

const isStatus = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 100 && Number(value) < 600;

const isTime = (value: unknown): boolean =>
  typeof value === 'string' && /^\d{4}-.*Z$/.test(value) && !isNaN(Date.parse(value));
