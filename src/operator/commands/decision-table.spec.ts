import { aCandidate, aDecision, anExclusion, DECIDED_AT_MS } from '../../../test/support/sample-decisions.js';
import { decisionRecord } from '../../accounting/index.js';
import type { AccountId } from '../../core/index.js';
import { decisionTable } from './decision-table.js';

const HOUR = 3_600_000;
type Made = Parameters<typeof decisionRecord>[0];

const rowsOf = (over: Partial<Made>, most?: number): string[] =>
  decisionTable(decisionRecord(aDecision(over), most))
    .split('\n')
    .slice(1)
    .map((line) => line.replace(/ {2,}/g, ' | '));

describe('the table of a decision', () => {
  it('tells candidates in order, then those beyond the ring, then the others by name', () => {
    const rows = rowsOf({
      candidates: [aCandidate('alice', { scores: { cost: 12.34, load: 0 } }), aCandidate('bob', { quota: 'unknown' })],
      reserve: [aCandidate('carol', { scores: { cost: 0 } })],
      exclusions: [
        anExclusion('erin'),
        anExclusion('dave', { reason: 'paused', evidence: { source: 'account_status' } }),
      ],
    });
    expect(rows).toEqual([
      '1 | alice | has room | - | - | - | cost 12.3',
      '2 | bob | quota unknown | - | - | - | cost 12.3',
      '(3) | carol | has room | - | - | - | cost 0',
      '- | dave | paused | account_status | - | when resumed | -',
      '- | erin | cooling_down | upstream_rate_limited | - | - | -',
    ]);
  });

  it('tells whom the call goes on with, and who is being tried again', () => {
    const candidates = [aCandidate('alice', { scores: { ring: 0.1234, halfOpen: 1 } })];
    const pin = { id: 'alice' as AccountId, required: false, reason: 'session' };
    expect(rowsOf({ candidates, pin })).toEqual([
      '1 | alice | goes on here, has room, half open | - | - | - | ring 0.123',
    ]);
  });

  it.each([
    [{ windowMinutes: 10_080, usedPercent: 99.96, limitId: 'codex' }, 'usage: 7d 100 %'],
    [{ windowMinutes: 300, usedPercent: 0.5, limitId: 'spark' }, 'usage: spark 5h 0.5 %'],
    [{ windowMinutes: 45, usedPercent: 20, limitId: 'codex' }, 'usage: 45min 20 %'],
    [{ limitId: 'codex' }, 'usage: codex'],
    [{}, 'usage'],
  ])('tells the evidence %j as %s, and how old it is', (evidence, words) => {
    const told = { source: 'usage', observedAtMs: DECIDED_AT_MS - 2 * HOUR, ...evidence };
    expect(rowsOf({ exclusions: [anExclusion('alice', { evidence: told })] })).toEqual([
      `- | alice | cooling_down | ${words} | 2 h | - | -`,
    ]);
  });

  it('tells when a reason ends, and when the account is back if other reasons last longer', () => {
    const clearsAtMs = DECIDED_AT_MS + HOUR;
    const also = ['quota_exhausted'];
    const exclusions = [anExclusion('alice', { also, clearsAtMs, backAtMs: DECIDED_AT_MS + 3 * HOUR })];
    expect(rowsOf({ exclusions })).toEqual([
      '- | alice | cooling_down, quota_exhausted | upstream_rate_limited | - | in 1 h, back in 3 h | -',
    ]);
  });

  it.each([
    ['lastSuccessAtMs', 0, 'last success never'],
    ['lastSuccessAtMs', DECIDED_AT_MS - HOUR, 'last success 1 h ago'],
    ['resetsAtMs', DECIDED_AT_MS + HOUR, 'resets in 1 h'],
    ['resetsAtMs', Number.MAX_SAFE_INTEGER, 'resets never'],
    ['cacheDistance', 0.25, 'cache distance 0.25'],
  ])('tells the score %s of %d as "%s"', (name, score, words) => {
    const [row] = rowsOf({ candidates: [aCandidate('alice', { scores: { [name]: score } })] });
    expect(row?.split(' | ').at(-1)).toBe(words);
  });

  it('tells how many it does not tell of', () => {
    expect(rowsOf({ exclusions: [anExclusion('alice'), anExclusion('bob')] }, 1).at(-1)).toBe('and 1 more');
  });

  it('says so when there is nobody', () => {
    expect(decisionTable(decisionRecord(aDecision()))).toBe('The Pool has no accounts.');
  });
});
