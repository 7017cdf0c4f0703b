import { ERRORS, GatewayError, type ErrorCode } from '../../core/index.js';
import type { AccountId } from '../../core/index.js';
import { burstCooldownMs, coolingUntil } from './cooldown.js';

const NOW_MS = 1_790_000_000_000;
const DAY_MS = 86_400_000;
const until = (code: ErrorCode, detail: object = {}) => coolingUntil(new GatewayError(code, 'm', detail), NOW_MS);

describe('a cooldown', () => {
  it('follows only failures that are the account’s (trap 40)', () => {
    const codes = Object.keys(ERRORS) as ErrorCode[];
    expect(codes.filter((code) => until(code) !== undefined)).toEqual([
      'upstream_account_rejected',
      'upstream_quota_exhausted',
    ]);
    expect(until('server_is_overloaded', { cooldownMs: 5_000 })).toBeUndefined();
  });

  it('lasts until the quota comes back', () => {
    expect(until('upstream_quota_exhausted', { resetsAtMs: NOW_MS + DAY_MS })).toBe(NOW_MS + DAY_MS);
    expect(until('upstream_quota_exhausted')).toBe(NOW_MS + 300_000);
  });

  it('lasts as long as the failure says, before anything else', () => {
    expect(until('upstream_quota_exhausted', { cooldownMs: 1_000, resetsAtMs: NOW_MS + DAY_MS })).toBe(NOW_MS + 1_000);
    expect(until('upstream_quota_exhausted', { cooldownMs: 0, resetsAtMs: NOW_MS + DAY_MS })).toBeUndefined();
  });

  it('is never longer than a month, and never in the past', () => {
    expect(until('upstream_quota_exhausted', { resetsAtMs: NOW_MS + 400 * DAY_MS })).toBe(NOW_MS + 32 * DAY_MS);
    expect(until('upstream_quota_exhausted', { resetsAtMs: NOW_MS - 1 })).toBeUndefined();
  });
});

describe('the cooldown after a burst', () => {
  const ids = Array.from({ length: 200 }, (_, index) => `account-${index}` as AccountId);
  const [some = '' as AccountId] = ids;

  it.each([
    [1, 5_000],
    [2, 10_000],
    [3, 20_000],
    [4, 40_000],
    [5, 60_000],
    [50, 60_000],
  ])('after %d in a row is %d ms, give or take a fifth', (count, aboutMs) => {
    const lengths = ids.map((id) => burstCooldownMs(id, count));
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(aboutMs * 0.8);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(aboutMs * 1.2);
  });

  it('is spread over the whole of that, so that accounts do not come back at once', () => {
    const lengths = ids.map((id) => burstCooldownMs(id, 2));
    expect(Math.max(...lengths) - Math.min(...lengths)).toBeGreaterThan(0.9 * 4_000);
    expect(new Set(lengths).size).toBeGreaterThan(150);
  });

  it('is the same for the same account and count', () => {
    expect(burstCooldownMs(some, 3)).toBe(burstCooldownMs(some, 3));
  });

  it('is what the upstream asks for the first time, and no less than that later, but never more than a minute', () => {
    expect(burstCooldownMs(some, 1, 1_000)).toBe(1_000);
    expect(burstCooldownMs(some, 2, 1_000)).toBe(burstCooldownMs(some, 2));
    expect(burstCooldownMs(some, 2, 45_000)).toBe(45_000);
    expect(burstCooldownMs(some, 1, 600_000)).toBe(60_000);
  });
});
