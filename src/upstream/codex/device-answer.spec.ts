import { deviceLoginOf, pollAnswerOf } from './device-answer.js';

const begun = (over: object = {}) => JSON.stringify({ device_auth_id: 'dev_1', user_code: 'ABCD-1234', ...over });

describe('the beginning of a login by device code', () => {
  it('has a code under either of its names, and a wait of 5 s unless it says another', () => {
    const login = { deviceAuthId: 'dev_1', userCode: 'ABCD-1234', intervalSeconds: 5 };
    expect(deviceLoginOf(begun())).toEqual(login);
    expect(deviceLoginOf(begun({ user_code: undefined, usercode: 'ABCD-1234' }))).toEqual(login);
  });

  it.each<[unknown, number]>([
    [7, 7],
    ['7', 7],
    [' 12 ', 12],
    ['', 5],
    ['soon', 5],
    [0, 5],
    [-3, 5],
    [1.5, 5],
    [null, 5],
    [86_400, 300],
  ])('waits after an interval of %j for %i s', (interval, seconds) => {
    expect(deviceLoginOf(begun({ interval }))?.intervalSeconds).toBe(seconds);
  });

  it.each<[unknown, number | undefined]>([
    ['2026-08-01T00:00:00Z', Date.UTC(2026, 7, 1)],
    [1_790_000_000, 1_790_000_000_000],
    ['later', undefined],
    [null, undefined],
  ])('ends, told %j, at %p', (expires_at, ms) => {
    expect(deviceLoginOf(begun({ expires_at }))?.expiresAtMs).toBe(ms);
  });

  it.each([
    '',
    '[]',
    '<html>',
    begun({ device_auth_id: '' }),
    begun({ user_code: 7 }),
    begun({ user_code: 'A\u001b[2J' }),
    begun({ device_auth_id: 'x'.repeat(5_000) }),
  ])('is none in %.40s', (body) => {
    expect(deviceLoginOf(body)).toBeUndefined();
  });
});

describe('the answer to a poll', () => {
  const approved = JSON.stringify({ authorization_code: 'c', code_challenge: 'h', code_verifier: 'v' });

  it('is a code with its verifier once somebody has typed the code', () => {
    expect(pollAnswerOf(200, approved)).toEqual({ is: 'approved', code: 'c', verifier: 'v' });
  });

  it.each([
    [403, ''],
    [404, '<html>'],
    [403, approved],
    [400, '{"error":"authorization_pending"}'],
    [403, '{"error":{"code":"authorization_pending"}}'],
  ])('%i %s means that nobody has typed it yet', (status, body) => {
    expect(pollAnswerOf(status, body)).toEqual({ is: 'pending' });
  });

  it.each([
    [400, '{"error":"slow_down"}'],
    [429, '{"error":{"code":"slow_down","message":"m"}}'],
    [403, '{"detail":{"code":"slow_down"}}'],
  ])('%i %s means that we ask too often', (status, body) => {
    expect(pollAnswerOf(status, body)).toEqual({ is: 'slow_down' });
  });

  it.each([
    [400, '{"error":"access_denied"}', 'access_denied'],
    [403, '{"error":{"code":"access_denied"}}', 'access_denied'],
    [400, '{"error":"expired_token"}', 'expired_token'],
  ])('%i %s is a refusal for good', (status, body, reason) => {
    expect(pollAnswerOf(status, body)).toEqual({ is: 'refused', reason });
  });

  it.each([
    [500, ''],
    [502, '<html>'],
    [401, '{"error":"invalid_client"}'],
    [429, ''],
    [200, '{}'],
    [200, '{"authorization_code":"c"}'],
    [302, approved],
  ])('%i %.40s leaves it open', (status, body) => {
    expect(pollAnswerOf(status, body)).toEqual({ is: 'unclear' });
  });
});
