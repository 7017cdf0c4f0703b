import { ERRORS, GatewayError, type ErrorCode } from './error.js';

const codes = Object.keys(ERRORS) as ErrorCode[];

describe('ERRORS', () => {
  it.each(codes)('%s has an error status (trap 60)', (code) => {
    expect(Number.isInteger(ERRORS[code].status)).toBe(true);
    expect(ERRORS[code].status).toBeGreaterThanOrEqual(400);
    expect(ERRORS[code].status).toBeLessThanOrEqual(599);
  });

  it('never tries another account for what the client did', () => {
    const wrong = codes.filter((code) => ERRORS[code].blame === 'client' && ERRORS[code].failover);
    expect(wrong).toEqual([]);
  });

  it('lets only the failures of an account reach beyond the request into its health', () => {
    const wrong = codes.filter((code) => ERRORS[code].scope === 'account' && ERRORS[code].blame !== 'account');
    expect(wrong).toEqual([]);
  });
});

describe('GatewayError', () => {
  it('carries the status and failover of its code', () => {
    const error = new GatewayError('server_is_overloaded', 'Busy.', { retryAfterMs: 5 });
    expect([error.status, error.failover, error.detail.retryAfterMs]).toEqual([503, true, 5]);
  });

  it('passes itself through and makes everything else internal, with the cause kept inside', () => {
    const ours = new GatewayError('not_found', 'Not found.');
    expect(GatewayError.from(ours)).toBe(ours);
    const cause = new Error('a secret');
    const internal = GatewayError.from(cause);
    expect([internal.code, internal.message, internal.cause]).toEqual(['internal', 'Internal server error', cause]);
  });
});
