import type { MadeDecision } from '../../src/accounting/decision-record.js';
import type { AccountId } from '../../src/core/index.js';

export const DECIDED_AT_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

/** Of an account called like its id. */
export const aCandidate = (
  id: string,
  over: Partial<MadeDecision['candidates'][number]> = {},
): MadeDecision['candidates'][number] => ({
  account: { id: id as AccountId, label: id },
  scores: { cost: 12.34567 },
  quota: 'allow',
  ...over,
});

export const anExclusion = (
  id: string,
  over: Partial<MadeDecision['exclusions'][number]> = {},
): MadeDecision['exclusions'][number] => ({
  accountId: id as AccountId,
  label: id,
  reason: 'cooling_down',
  also: [],
  evidence: { source: 'upstream_rate_limited' },
  ...over,
});

export const aDecision = (over: Partial<MadeDecision> = {}): MadeDecision => ({
  strategy: 'balanced',
  evidence: 'optimistic',
  atMs: DECIDED_AT_MS,
  candidates: [],
  reserve: [],
  exclusions: [],
  locality: 'no_key',
  ...over,
});
