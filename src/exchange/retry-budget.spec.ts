import fc from 'fast-check';
import { GatewayError, type ErrorCode, type PoolId } from '../core/index.js';
import { RetryBudget } from './retry-budget.js';

const POOL = 'pool-1' as PoolId;
const OTHER = 'pool-2' as PoolId;
const NOW_MS = 1_790_000_000_000;
const failure = (code: ErrorCode) => new GatewayError(code, 'm');
const retry = (budget: RetryBudget, code: ErrorCode, nowMs = NOW_MS, random = 0.5, pool = POOL) =>
  budget.retryAfterMs(pool, failure(code), nowMs, random);
/** A budget of which nothing is left. */
const spent = () => {
  const budget = new RetryBudget();
  while (retry(budget, 'upstream_error') !== undefined);
  return budget;
};

describe('a retry budget', () => {
  it('has ten retries to start with', () => {
    const budget = new RetryBudget();
    const granted = Array.from({ length: 20 }, () => retry(budget, 'upstream_timeout') !== undefined);
    expect(granted.filter(Boolean)).toHaveLength(10);
  });

  it('earns one retry with every five calls, up to a hundred', () => {
    const budget = spent();
    for (let calls = 0; calls < 4; calls += 1) budget.called(POOL);
    expect(retry(budget, 'upstream_error')).toBeUndefined();
    budget.called(POOL);
    expect(retry(budget, 'upstream_error')).toBeDefined();
    for (let calls = 0; calls < 10_000; calls += 1) budget.called(POOL);
    const granted = Array.from({ length: 200 }, () => retry(budget, 'upstream_error') !== undefined);
    expect(granted.filter(Boolean)).toHaveLength(100);
  });

  it('is one of each Pool', () => {
    expect(retry(spent(), 'upstream_error', NOW_MS, 0.5, OTHER)).toBeDefined();
  });

  it.each<ErrorCode>([
    'upstream_rate_limited',
    'upstream_quota_exhausted',
    'upstream_account_rejected',
    'upstream_model_unavailable',
    'upstream_account_busy',
  ])('pays nothing for %s, and lets nobody wait for it', (code) => {
    expect(retry(spent(), code)).toBe(0);
  });

  it.each([
    [0, 10],
    [0.5, 55],
    [1, 100],
  ])('spreads retries over 10 to 100 ms', (random, waitMs) => {
    expect(retry(new RetryBudget(), 'upstream_error', NOW_MS, random)).toBe(waitMs);
  });

  it('spreads them over 1 to 3 s when the service is overloaded again, and nobody was answered since', () => {
    const budget = new RetryBudget();
    expect(retry(budget, 'server_is_overloaded', NOW_MS, 0)).toBe(10);
    expect(retry(budget, 'server_is_overloaded', NOW_MS + 500, 0)).toBe(1_000);
    expect(retry(budget, 'server_is_overloaded', NOW_MS + 900, 1)).toBe(3_000);
    expect(retry(budget, 'upstream_error', NOW_MS + 950, 0)).toBe(10);
    budget.answered(POOL);
    expect(retry(budget, 'server_is_overloaded', NOW_MS + 1_000, 0)).toBe(10);
    expect(retry(budget, 'server_is_overloaded', NOW_MS + 4_000, 0)).toBe(10);
  });

  it('keeps the mean of attempts at 1.2 and the ten to start with, whatever fails and when', () => {
    const step = fc.record({
      pool: fc.constantFrom(POOL, OTHER),
      failures: fc.nat({ max: 6 }),
      answered: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const budget = new RetryBudget();
        const calls = new Map<PoolId, number>();
        const attempts = new Map<PoolId, number>();
        for (const { pool, failures, answered } of steps) {
          budget.called(pool);
          calls.set(pool, (calls.get(pool) ?? 0) + 1);
          attempts.set(pool, (attempts.get(pool) ?? 0) + 1);
          for (let failed = 0; failed < failures; failed += 1) {
            if (retry(budget, 'server_is_overloaded', NOW_MS, 0.5, pool) === undefined) break;
            attempts.set(pool, (attempts.get(pool) ?? 0) + 1);
          }
          if (answered) budget.answered(pool);
        }
        for (const [pool, made] of attempts) expect(made).toBeLessThanOrEqual(1.2 * (calls.get(pool) ?? 0) + 10);
      }),
    );
  });
});
