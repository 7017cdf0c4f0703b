import { aCandidate, aDecision, anExclusion, DECIDED_AT_MS } from '../../test/support/sample-decisions.js';
import type { AccountId } from '../core/index.js';
import { decisionRecord, KEPT_ACCOUNTS } from './decision-record.js';

const MINUTE_MS = 60_000;

describe('decisionRecord', () => {
  it('keeps codes, times and rounded numbers of all accounts, in order', () => {
    const made = aDecision({
      candidates: [aCandidate('alice', { scores: { cost: 0.123456, resetsAtMs: DECIDED_AT_MS } })],
      reserve: [aCandidate('bob', { quota: 'unknown' })],
      exclusions: [
        anExclusion('carol', {
          also: ['quota_exhausted'],
          clearsAtMs: DECIDED_AT_MS + MINUTE_MS,
          backAtMs: DECIDED_AT_MS + 2 * MINUTE_MS,
          evidence: {
            source: 'usage',
            observedAtMs: DECIDED_AT_MS - MINUTE_MS,
            limitId: 'codex',
            windowMinutes: 300,
            usedPercent: 99.99999,
          },
        }),
      ],
      ringLeft: 1,
    });

    expect(decisionRecord(made)).toEqual({
      strategy: 'balanced',
      evidence: 'optimistic',
      at: '2026-01-02T03:04:05.678Z',
      candidates: [
        { account: 'alice', label: 'alice', scores: { cost: 0.123, resetsAtMs: DECIDED_AT_MS }, quota: 'allow' },
      ],
      reserve: [{ account: 'bob', label: 'bob', scores: { cost: 12.346 }, quota: 'unknown' }],
      exclusions: [
        {
          account: 'carol',
          label: 'carol',
          reason: 'cooling_down',
          also: ['quota_exhausted'],
          clearsAt: '2026-01-02T03:05:05.678Z',
          backAt: '2026-01-02T03:06:05.678Z',
          evidence: {
            source: 'usage',
            observedAt: '2026-01-02T03:03:05.678Z',
            limitId: 'codex',
            windowMinutes: 300,
            usedPercent: 100,
          },
        },
      ],
      locality: 'no_key',
      ringLeft: 1,
    });
  });

  it('leaves out the return of an account that comes back when its reason ends, or at any moment', () => {
    const ends = { clearsAtMs: DECIDED_AT_MS + 1, backAtMs: DECIDED_AT_MS + 1 };
    const made = aDecision({ exclusions: [anExclusion('a', ends), anExclusion('b', { backAtMs: DECIDED_AT_MS })] });
    expect(decisionRecord(made).exclusions.map(({ backAt }) => backAt)).toEqual([undefined, undefined]);
  });

  it('names the account that the call goes on with, if it is still there', () => {
    const pin = (id: string) => ({ id: id as AccountId, required: true, reason: 'anchor' });
    const exclusions = [anExclusion('alice')];
    expect(decisionRecord(aDecision({ exclusions, pin: pin('alice') })).pin).toEqual({
      account: 'alice',
      label: 'alice',
      reason: 'anchor',
      required: true,
    });
    expect(decisionRecord(aDecision({ exclusions, pin: pin('gone') })).pin).toEqual({
      account: 'gone',
      reason: 'anchor',
      required: true,
    });
  });

  it('tells of so many accounts at most, of candidates first, and how many it does not tell of', () => {
    const many = (name: string) => Array.from({ length: 60 }, (_, at) => `${name} ${at}`);
    const made = aDecision({
      candidates: many('candidate').map((id) => aCandidate(id)),
      reserve: many('reserve').map((id) => aCandidate(id)),
      exclusions: many('excluded').map((id) => anExclusion(id)),
    });
    const { candidates, reserve = [], exclusions, untold } = decisionRecord(made);
    expect([candidates.length, reserve.length, exclusions.length, untold]).toEqual([60, KEPT_ACCOUNTS - 60, 0, 80]);
    expect(decisionRecord(made, Infinity).exclusions).toHaveLength(60);
  });

  it('keeps nothing of a label that a database would not take', () => {
    const [candidate] = decisionRecord(aDecision({ candidates: [aCandidate('a\0b')] })).candidates;
    expect(candidate?.label).toBe('a\uFFFDb');
  });
});
