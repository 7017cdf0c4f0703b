import { randomUUID } from 'node:crypto';
import { KeyAdminService } from '../../src/auth/index.js';
import type { Explanation, ExplainQuestion } from '../../src/control/explain/explanation.js';
import { ExplainService } from '../../src/control/explain/explain.service.js';
import { pastWords } from '../../src/operator/commands/explain-words.js';
import { AccountHealth } from '../../src/upstream/health/account-health.service.js';
import { QuotaEvidence } from '../../src/upstream/quota/quota-evidence.service.js';
import { settlementOf } from '../support/calls.js';
import { ask, hello, useGateway } from '../support/gateway.js';
import { newPool, type TestPool } from '../support/pools.js';
import {
  hold,
  overloaded503,
  quota429,
  ScriptedUpstream,
  type AccountOptions,
} from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream });

const HOUR_SECONDS = 3_600;
/** Whatever calls leave behind of accounts. */
const TRACES = [
  'SELECT * FROM upstream_account WHERE id = ANY($1) ORDER BY id',
  'SELECT * FROM account_lane WHERE account_id = ANY($1)',
  'SELECT * FROM account_quota_window WHERE account_id = ANY($1) ORDER BY 1, 2, 3',
  'SELECT * FROM account_meter WHERE account_id = ANY($1) ORDER BY 1, 2',
  'SELECT request_id, number FROM attempt WHERE account_id = ANY($1)',
];

const used = (usedPercent: number): AccountOptions => ({ primary: { usedPercent }, secondary: null });

const explained = (team: TestPool, more: Partial<ExplainQuestion> = {}): Promise<Explanation> =>
  gateway.get(ExplainService).now({ pool: team.pool.slug, model: 'gpt-5.5', ...more });
const past = async (answer: Response) => {
  const row = await settlementOf(gateway, answer);
  const found = await gateway.get(ExplainService).past(row.id);
  if (!found) throw new Error('no such call');
  return found;
};
const order = ({ decision }: Pick<Explanation, 'decision'>): string[] => decision.candidates.map(({ label }) => label);

/** @returns the account that served */
async function served(team: TestPool, headers: Record<string, string> = {}): Promise<string | undefined> {
  upstream.replyWith(hello());
  const answer = await team.post(ask(), { headers });
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('response.completed')]);
  return upstream.received.at(-1)?.accountId;
}

describe('what would become of a call', () => {
  it('is what becomes of it', async () => {
    const team = await newPool(gateway, upstream, [used(60), used(5), used(30)]);
    for (const _ of team.accounts) await served(team);
    const expected = await explained(team);

    expect(await served(team)).toBe(order(expected)[0]);

    expect(order(expected)).toEqual([1, 2, 0].map((at) => team.accounts[at]?.id));
    expect(expected.decision.candidates[0]).toMatchObject({
      quota: 'allow',
      evidence: { source: 'headers', usedPercent: 5, observedAt: expect.any(String) as string },
      scores: { pressure: 5 },
    });
  });

  it('goes by the session of a key, which means nothing to another', async () => {
    const team = await newPool(gateway, upstream, [used(60), used(60)]);
    const session = randomUUID();
    const home = await served(team, { 'session-id': session });
    await gateway.get(KeyAdminService).createKey(team.pool.id, 'other');

    const own = await explained(team, { key: 'test', session });
    expect(own.decision.pin).toMatchObject({ label: home, reason: 'session', required: false });
    expect(order(own)[0]).toBe(home);
    expect((await explained(team, { key: 'other', session })).decision).not.toHaveProperty('pin');
  });

  it('is what a client is told when all accounts are spent', async () => {
    const team = await newPool(gateway, upstream, [{}]);
    upstream.replyWith(quota429(HOUR_SECONDS));
    await (await team.post(ask())).text();

    const { answer, decision } = await explained(team);

    expect(answer).toMatchObject({ status: 429, code: 'usage_limit_reached' });
    const resets = Date.parse(answer?.resetsAt ?? '') - Date.now();
    expect(Math.abs(resets - HOUR_SECONDS * 1_000)).toBeLessThan(10_000);
    expect(decision.exclusions).toMatchObject([
      { reason: 'quota_exhausted', evidence: { observedAt: expect.any(String) as string } },
    ]);
  });

  it('knows what a key may not ask for, and tells what its Pool would do all the same', async () => {
    const team = await newPool(gateway, upstream, [{}]);
    await gateway.get(KeyAdminService).createKey(team.pool.id, 'bot', { allowedModels: ['gpt-5.4'] });

    const { answer, decision } = await explained(team, { key: 'bot' });

    expect(answer).toEqual({ status: 403, code: 'model_not_allowed' });
    expect(decision.candidates).toHaveLength(1);
  });

  it('knows the places in use, of an account too', async () => {
    const team = await newPool(gateway, upstream, [{}], { maxConcurrent: 5 });
    const limited = { allowedModels: null, maxConcurrent: 2 };
    const { key, token } = await gateway.get(KeyAdminService).createKey(team.pool.id, 'two at once', limited);
    const sql = 'UPDATE upstream_account SET max_concurrent = 1 WHERE label = $1';
    await gateway.database().query(sql, [team.accounts[0]?.id]);
    await served(team);
    const held = hold();
    upstream.replyWith(held);
    const leaving = new AbortController();
    const call = team.post(ask(), { headers: { authorization: `Bearer ${token}` }, signal: leaving.signal });
    await held.opened;

    const { places, decision, answer } = await explained(team, { key: key.prefix });

    expect(places).toMatchObject([
      { place: 'key', used: 1, limit: 2 },
      { place: 'pool', used: 1, limit: 5 },
      { place: 'class', used: 1 },
    ]);
    expect(decision.exclusions).toMatchObject([{ reason: 'saturated', evidence: { source: 'open_exchanges' } }]);
    expect(answer).toMatchObject({ status: 503, code: 'no_eligible_backend', waitsMs: 10_000 });
    leaving.abort();
    await call.catch(() => undefined);
  });

  it('is asked without a trace', async () => {
    const team = await newPool(gateway, upstream, [used(5), used(60)]);
    await served(team);
    await gateway.get(QuotaEvidence).flush();
    await gateway.get(AccountHealth).written();
    const ids = (await team.snapshot()).map(({ id }) => id);
    const state = () => Promise.all(TRACES.map((sql) => gateway.database().query<object[]>(sql, [ids])));
    const sent = upstream.received.length;
    const before = await state();

    for (const operation of ['responses', 'compact', 'files_create'] as const) {
      await explained(team, { key: 'test', session: 'none', cacheKey: 'none', operation, transport: 'websocket' });
    }

    expect(await state()).toEqual(before);
    expect(upstream.received).toHaveLength(sent);
    const again = await explained(team, { key: 'test', session: 'none' });
    expect(again.decision).not.toHaveProperty('pin');
  });
});

describe('what became of a call', () => {
  it('is told with the choice that was made for it', async () => {
    const team = await newPool(gateway, upstream, [used(60), used(5)]);
    for (const _ of team.accounts) await served(team);
    upstream.replyWith(hello());
    const answer = await team.post(ask());
    await answer.text();

    const told = await past(answer);

    expect(told).toMatchObject({
      request: { pool: team.pool.slug, decision: { strategy: 'balanced', exclusions: [] } },
    });
    expect(told.request.decision?.candidates.map(({ label }) => label)).toEqual(
      [1, 0].map((at) => team.accounts[at]?.id),
    );
    expect(pastWords(told)).toContain(`Asked: ${team.accounts[1]?.id} (succeeded).\n`);
  });

  it('is told with those that were asked before', async () => {
    const team = await newPool(gateway, upstream, [{}, {}]);
    upstream.replyWith(quota429(HOUR_SECONDS), hello());
    const answer = await team.post(ask());
    await answer.text();

    const { request } = await past(answer);

    const [spent, other] = request.attempts.map(({ accountLabel }) => accountLabel);
    expect(request.decision?.candidates.map(({ label }) => label)).toEqual([other]);
    expect(request.decision?.exclusions).toMatchObject([
      { label: spent, reason: 'quota_exhausted', also: ['already_asked'] },
    ]);
  });

  it('is told of a call that was refused before anybody was asked', async () => {
    const team = await newPool(gateway, upstream, [{}]);
    const answer = await team.post(ask({ model: 'gpt-0' }));
    await answer.text();

    const told = await past(answer);

    expect(told.request.decision?.exclusions).toMatchObject([{ reason: 'model_not_served' }]);
    expect(pastWords(told)).toMatch(/Asked: nobody\.\n.*: 0 of 1 accounts may serve\.\n/);
  });

  it('is told of a call that failed', async () => {
    const team = await newPool(gateway, upstream, [{}]);
    upstream.replyWith(overloaded503());
    const answer = await team.post(ask());
    await answer.text();
    expect(pastWords(await past(answer))).toMatch(
      /^It ended: failed 503 server_is_overloaded\.\nAsked: \S+ \(failed: /m,
    );
  });
});
