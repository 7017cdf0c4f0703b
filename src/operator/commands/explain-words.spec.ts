import { aCandidate, aDecision, anExclusion, DECIDED_AT_MS } from '../../../test/support/sample-decisions.js';
import { decisionRecord } from '../../accounting/index.js';
import type { AccountId } from '../../core/index.js';
import type { ExplanationView } from '../../control/index.js';
import { explanationWords } from './explain-words.js';

const HOUR = 3_600_000;
const later = (ms: number): string => new Date(DECIDED_AT_MS + ms).toISOString();

const linesOf = (over: Partial<ExplanationView> = {}, made: Parameters<typeof aDecision>[0] = {}): string[] =>
  explanationWords({
    pool: { slug: 'team', status: 'active' },
    model: 'gpt-5.5',
    operation: 'responses',
    transport: 'http',
    session: false,
    decision: decisionRecord(aDecision(made)),
    places: [
      { place: 'key', used: 1, limit: 4 },
      { place: 'class', used: 3 },
    ],
    reach: 'cluster',
    ...over,
  }).split('\n');

describe('an explanation for people', () => {
  it('names what was asked, how many may serve, and how the Pool chooses', () => {
    const candidates = [aCandidate('alice')];
    const reserve = [aCandidate('bob')];
    const exclusions = [anExclusion('carol')];
    expect(linesOf({}, { candidates, reserve, exclusions, ringLeft: 1 }).slice(0, 4)).toEqual([
      'Pool team, model gpt-5.5, responses over http: 2 of 3 accounts may serve.',
      'Strategy balanced, evidence optimistic, a ring of 1; it has no prompt cache key.',
      'Calls in progress: key 1 of 4, class of routes 3.',
      '',
    ]);
  });

  it('says what is not active, and leaves out a model that there is not', () => {
    const key = { label: 'ci', prefix: 'sk-cxp-000000000000', status: 'revoked' };
    const pool = { slug: 'team', status: 'paused' };
    expect(linesOf({ pool, key, model: '', operation: 'files_create' })[0]).toBe(
      'Pool team (paused), key ci (revoked), files_create over http: 0 of 0 accounts may serve.',
    );
  });

  it.each([
    [false, 'alice', 'It goes on with alice where it may: that account served its session last.'],
    [true, 'alice', 'It has to go on with alice: that account served its session last.'],
    [
      true,
      'gone',
      'It has to go on with an account that is not in the Pool (gone): that account served its session last.',
    ],
  ])('says whom the call goes on with (required: %s, %s)', (required, id, words) => {
    const pin = { id: id as AccountId, required, reason: 'session' };
    expect(linesOf({}, { candidates: [aCandidate('alice')], pin })).toContain(words);
  });

  it.each([
    [
      { status: 429, code: 'usage_limit_reached', resetsAt: later(2 * HOUR) },
      'A client is told 429 usage_limit_reached, reset in 2 h.',
    ],
    [
      { status: 503, code: 'no_eligible_backend', retryAfterMs: 5_000, waitsMs: 10_000 },
      'A client is told 503 no_eligible_backend, to try again in 5 s, after it waited up to 10 s for somebody to be back.',
    ],
  ])('says what a client is told: %j', (answer, words) => {
    expect(linesOf({ answer })).toContain(words);
  });

  it.each([
    ['bridge_ring', false, true],
    ['bridge_ring', true, false],
    ['balanced', false, false],
  ])('warns of an order that is of this call alone (%s, of a session: %s)', (strategy, session, warns) => {
    const words = 'It is of no session: the next such call begins at another account.';
    expect(linesOf({ session }, { strategy }).includes(words)).toBe(warns);
  });

  it.each([
    [
      'process',
      'Seen from this process: what others know of open calls, and of how fast and sound accounts are, is not in it.',
    ],
    ['cluster', 'Seen from this process: what others know of how fast and sound accounts are, is not in it.'],
  ] as const)('says what it cannot see (%s)', (reach, words) => {
    expect(linesOf({ reach }).at(-1)).toBe(words);
  });
});
