import { GatewayError, LoginRequired } from '../../core/index.js';
import { refreshBackoffMs, refreshFailure } from './refresh-failure.js';

const HOUR_MS = 3_600_000;

describe('a refresh without tokens', () => {
  const failure = (detail: object) => new GatewayError('upstream_request_failed', 'm', detail);

  it.each([
    ['was not spent when the request never left', failure({ unsent: true })],
    ['was not spent when the login server declined', failure({ upstreamStatus: 503 })],
  ])('says that the refresh token %s, however often', (_, thrown) => {
    expect([refreshFailure(thrown, 0), refreshFailure(thrown, 1)]).toEqual([{ is: 'failed' }, { is: 'failed' }]);
  });

  it.each([
    ['the connection broke', failure({})],
    ['the time was over', new DOMException('over', 'TimeoutError')],
    ['the answer was junk', new GatewayError('invalid_upstream_response', 'm')],
    ['anything else went wrong', new Error('?')],
  ])('says that it may be spent when %s, and gives it up at the second time', (_, thrown) => {
    expect(refreshFailure(thrown, 0)).toEqual({ is: 'lost' });
    expect(refreshFailure(thrown, 1)).toEqual({ is: 'dead', reason: 'refresh_outcome_unknown' });
  });

  it('says in the provider’s words why a token is dead, unless that was our own doing', () => {
    const reused = new LoginRequired('refresh_token_reused');
    expect(refreshFailure(reused, 0)).toEqual({ is: 'dead', reason: 'refresh_token_reused' });
    expect(refreshFailure(reused, 1)).toEqual({ is: 'dead', reason: 'refresh_outcome_unknown' });
  });
});

describe('the worker’s next try', () => {
  it('is 30 s after a failure, twice as long after each further one, and never more than 6 h', () => {
    const waits = [0, 1, 2, 9, 10, 5_000].map((failures) => refreshBackoffMs(failures, 0));
    expect(waits).toEqual([30_000, 60_000, 120_000, 15_360_000, 6 * HOUR_MS, 6 * HOUR_MS]);
  });

  it('comes up to a quarter earlier by chance', () => {
    expect(refreshBackoffMs(0, 0.999)).toBeGreaterThan(22_500);
    expect(refreshBackoffMs(0, 0.999)).toBeLessThan(22_600);
  });
});
