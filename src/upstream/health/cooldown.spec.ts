import { ERRORS, GatewayError, type ErrorCode } from '../core/index.js';
import { coolingUntil } from './cooldown.js';

const NOW_MS = 1_790_000_000_000;
const DAY_MS = 86_400_000;
const until = (code: ErrorCode, detail: object = {}) => coolingUntil(new GatewayError(code, 'm', detail), NOW_MS);

describe('a cooldown', () => {
  it('follows only failures that are the account’s (trap 40)', () => {
    const codes = Object.keys(ERRORS) as ErrorCode[];
    expect(codes.filter((code) => until(code) !== undefined)).toEqual([
      'upstream_account_rejected',
      'upstream_quota_exhausted',
      'upstream_rate_limited',
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
