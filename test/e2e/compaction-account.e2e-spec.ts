import { randomUUID } from 'node:crypto';
import { attemptsOf, jsonOf, settlementOf } from '../support/calls.js';
import { eventually } from '../support/eventually.js';
import { ask, hello, PATH, useGateway } from '../support/gateway.js';
import { newPool, type TestPool } from '../support/pools.js';
import {
  burst429,
  failBeforeHeaders,
  hold,
  json,
  overloaded503,
  quota429,
  ScriptedUpstream,
  type AccountOptions,
} from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream });

const COMPACT = `${PATH}/compact`;
const HOUR_SECONDS = 3_600;
const session = (name: string = randomUUID()) => ({ 'session-id': name });
const used = (usedPercent: number): AccountOptions => ({ primary: { usedPercent }, secondary: null });

const history = [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Go on.' }] }];
const folding = ask({ input: [...history, { type: 'compaction_trigger' }] });
const old = { model: 'gpt-5.5', input: history, instructions: 'Fold.' };

/** A turn that went well, so that the session has its account. @returns that account's id */
async function begun(team: TestPool, headers: Record<string, string>): Promise<string | undefined> {
  upstream.replyWith(hello());
  await (await team.post(ask(), { headers })).text();
  return upstream.received.at(-1)?.accountId;
}

describe.each([
  { way: 'compact endpoint', path: COMPACT, body: old, route: 'compact' as const },
  { way: 'compaction_trigger', path: PATH, body: folding, route: 'responses' as const },
])('a compaction by $way', ({ path, body, route }) => {
  const fold = (team: TestPool, headers: Record<string, string> = {}) => team.post(body, { path, headers });
  const last = () => upstream.requests(route).at(-1)?.accountId;

  it('stays with the account of its session, whoever has more room', async () => {
    const team = await newPool(gateway, upstream, [used(10), used(60)]);
    const headers = { session_id: randomUUID() };
    const first = await begun(team, headers);
    const own = team.accounts.find(({ id }) => id === first);
    if (!own) throw new Error('Somebody served.');
    own.primary.usedPercent = 90;
    expect(await begun(team, headers)).toBe(first); // the gateway learns of it
    expect((await fold(team, headers)).status).toBe(200);
    expect(last()).toBe(first);
  });

  it.each([
    ['is overloaded', overloaded503(), 503],
    ['fails', json(500, { error: { message: 'No.' } }), 500],
    ['is rate limited', burst429(), 429],
    ['is cut off', failBeforeHeaders(), 502],
  ])('never goes to a second account when the first %s (trap 39)', async (_, reply, status) => {
    const team = await newPool(gateway, upstream, [{}, {}]);
    const before = upstream.count(route);
    upstream.replyWith(reply);
    const response = await fold(team);
    expect(response.status).toBe(status);
    expect(upstream.count(route)).toBe(before + 1);
    expect(await attemptsOf(gateway, await settlementOf(gateway, response))).toHaveLength(1);
  });

  it('is told the usage limit of its own account and when that is over, though another has room', async () => {
    const team = await newPool(gateway, upstream, [{}, {}]);
    const headers = session();
    const first = await begun(team, headers);
    team.accounts.find(({ id }) => id === first)?.replyWith(quota429(HOUR_SECONDS));
    for (const time of ['found', 'known']) {
      const { status, body: told } = await jsonOf(await fold(team, headers));
      expect([time, status]).toEqual([time, 429]);
      const error = told['error'] as Record<string, number>;
      expect(error).toMatchObject({ type: 'usage_limit_reached' });
      expect(Math.abs((error['resets_in_seconds'] ?? 0) - HOUR_SECONDS)).toBeLessThan(10);
    }
  });

  it('is 503 when the account of its session is gone', async () => {
    const team = await newPool(gateway, upstream, [{}, {}]);
    const headers = session();
    const first = await begun(team, headers);
    team.accounts.find(({ id }) => id === first)?.killLogin();
    await (await team.post(ask())).text();
    await (await team.post(ask())).text();
    await eventually(async () => {
      const states = (await team.snapshot()).map(({ status }) => status).sort();
      expect(states).toEqual(['active', 'login_required']);
    });
    const before = upstream.count(route);
    const response = await fold(team, headers);
    const error = { code: 'pinned_continuation_reauth_required' };
    expect(await jsonOf(response)).toMatchObject({ status: 503, body: { error } });
    expect(upstream.count(route)).toBe(before);
  });

  it('is given up upstream when its client leaves', async () => {
    const team = await newPool(gateway, upstream, [{}]);
    const held = hold();
    upstream.replyWith(held);
    const leaving = new AbortController();
    const gone = team.post(body, { path, signal: leaving.signal }).catch(() => undefined);
    const request = await held.opened;
    leaving.abort();
    await gone;
    await request.aborted;
    await eventually(async () => expect((await gateway.ledger()).at(-1)).toMatchObject({ outcome: 'cancelled' }));
  });
});
