import type { RefreshRow } from './refresh-sql.js';
import { refreshStep } from './refresh-step.js';

const row = (over: Partial<RefreshRow> = {}): RefreshRow => ({
  kind: 'codex',
  status: 'active',
  status_reason: null,
  external_account_id: null,
  credential_epoch: '7',
  access_token: Buffer.from('a'),
  refresh_token: Buffer.from('r'),
  refresh_state: 'idle',
  refresh_started_at: null,
  refresh_failures: 0,
  refresh_answers_lost: 0,
  abandoned: false,
  ...over,
});
const inFlight = { refresh_state: 'in_flight', refresh_started_at: new Date() } as const;

describe('whoever needs other credentials', () => {
  it.each([
    ['claims the refresh of an idle account', row(), { to: 'claim', answersLost: 0 }],
    ['claims it after a failure', row({ refresh_state: 'failed' }), { to: 'claim', answersLost: 0 }],
    ['claims it for a paused account too', row({ status: 'paused' }), { to: 'claim', answersLost: 0 }],
    ['uses what is newer', row({ credential_epoch: '8' }), { to: 'use' }],
    ['uses what is newer while the next refresh runs', row({ credential_epoch: '8', ...inFlight }), { to: 'use' }],
    ['waits for who is at it', row(inFlight), { to: 'wait' }],
    [
      'takes over from who died, whose answer may be lost',
      row({ ...inFlight, abandoned: true }),
      { to: 'claim', answersLost: 1 },
    ],
    [
      'tries once more after a lost answer',
      row({ refresh_state: 'outcome_unknown', refresh_answers_lost: 1 }),
      { to: 'claim', answersLost: 1 },
    ],
    [
      'tries no third time',
      row({ ...inFlight, abandoned: true, refresh_answers_lost: 1 }),
      { to: 'end', reason: 'refresh_outcome_unknown' },
    ],
    [
      'has nothing to try without a refresh token',
      row({ refresh_token: null }),
      { to: 'end', reason: 'no_refresh_token' },
    ],
    [
      'learns why an account needs a new login',
      row({ status: 'login_required', status_reason: 'invalid_grant', credential_epoch: '8' }),
      { to: 'refuse', reason: 'invalid_grant' },
    ],
    ['gets nothing of a deleted account', row({ status: 'deleted', credential_epoch: '8' }), { to: 'forget' }],
    ['gets nothing of an account that is not there', undefined, { to: 'forget' }],
  ])('%s', (_, found, step) => {
    expect(refreshStep(found, 7)).toEqual(step);
  });

  it('has nothing to try with a key', () => {
    const step = { to: 'end', reason: 'api_key_rejected' };
    expect(refreshStep(row({ kind: 'openai', refresh_token: null }), 7, undefined, 'api_key')).toEqual(step);
  });

  it('shares the failure of those it waited for', () => {
    const failed = row({ refresh_state: 'failed', refresh_failures: 1 });
    expect(refreshStep(failed, 7, row(inFlight))).toEqual({ to: 'share' });
    expect(refreshStep(failed, 7, failed)).toEqual({ to: 'claim', answersLost: 0 });
  });
});
