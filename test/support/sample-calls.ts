import type { AttemptStart, CallIntent, Settlement } from '../../src/accounting/index.js';
import type { ReservationRecord } from '../../src/accounting/reservation-record.js';
import {
  newCallId,
  type AccountId,
  type Cost,
  type KeyId,
  type PoolId,
  type TokenUsage,
} from '../../src/core/index.js';

const RECEIVED_AT_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

export const SAMPLE_USAGE: TokenUsage = {
  inputUncached: 70,
  inputCached: 20,
  cacheWrite: 10,
  output: 30,
  reasoning: 12,
};

const SAMPLE_COST: Cost = { status: 'priced', nanoUsd: 1_234_500, priceVersion: '2026-01-01' };

const SAMPLE_POOL = '11111111-1111-4111-8111-111111111111' as PoolId;
const SAMPLE_KEY = '22222222-2222-4222-8222-222222222222' as KeyId;
export const SAMPLE_ACCOUNT = '33333333-3333-4333-8333-333333333333' as AccountId;

/** A streamed Codex call with an id of its own. */
export const sampleCall = (more: Partial<CallIntent> = {}): CallIntent => ({
  callId: newCallId(Date.now()),
  requestId: 'req_1',
  poolId: SAMPLE_POOL,
  keyId: SAMPLE_KEY,
  keyLabel: 'ci',
  dialect: 'codex-backend',
  route: '/backend-api/codex/responses',
  transport: 'http_sse',
  model: 'gpt-5.5',
  receivedAtMs: RECEIVED_AT_MS,
  ...more,
});

export const sampleAttempt = (number = 1): AttemptStart => ({
  number,
  accountId: SAMPLE_ACCOUNT,
  accountLabel: 'alice',
  startedAtMs: RECEIVED_AT_MS + 10,
});

/** The call served by its first attempt, with known usage. */
export const sampleSettlement = (call: CallIntent, more: Partial<Settlement> = {}): Settlement => ({
  ...call,
  outcome: 'succeeded',
  httpStatus: 200,
  firstEventAtMs: RECEIVED_AT_MS + 500,
  completedAtMs: RECEIVED_AT_MS + 2_000,
  usage: SAMPLE_USAGE,
  cost: SAMPLE_COST,
  actualModel: 'gpt-5.5-2026-01-01',
  attempts: [{ ...sampleAttempt(), outcome: 'succeeded', upstreamStatus: 200, completedAtMs: RECEIVED_AT_MS + 2_000 }],
  ...more,
});

/** The same end, of which the upstream reported no usage. */
export function unknownUsage(settlement: Settlement, more: Partial<Settlement>): Settlement {
  const { usage: _unknown, ...rest } = settlement;
  return { ...rest, ...more };
}

export const sampleReservation = (call: CallIntent, more: Partial<ReservationRecord> = {}): ReservationRecord => ({
  call_id: call.callId,
  process_id: '44444444-4444-4444-8444-444444444444',
  pool_id: call.poolId,
  key_id: call.keyId,
  model: call.model,
  tokens: 1_000,
  nano_usd: 2_000_000,
  received_at: new Date(call.receivedAtMs).toISOString(),
  ...more,
});
