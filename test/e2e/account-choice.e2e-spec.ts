import { randomUUID } from 'node:crypto';
import { attemptsOf, jsonOf, settlementOf } from '../support/calls.js';
import { eventually } from '../support/eventually.js';
import { ask, hello, useGateway } from '../support/gateway.js';
import { newPool, type TestPool } from '../support/pools.js';
import { json, quota429, ScriptedUpstream, type AccountOptions } from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream });

const HOUR_SECONDS = 3_600;
/** @returns who served a call that everything is well with */
async function served(team: TestPool, headers: Record<string, string> = {}, body = ask()): Promise<string | undefined> {
  upstream.replyWith(hello());
  const answer = await team.post(body, { headers });
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('response.completed')]);
  return upstream.received.at(-1)?.accountId;
}

const session = (name: string = randomUUID()) => ({ 'session-id': name });

/** Of this much each account's only window is used; the gateway learns it with the first answer. */
const used = (usedPercent: number): AccountOptions => ({ primary: { usedPercent }, secondary: null });

describe('a call without a session', () => {
  it('goes to the account with the most room', async () => {
    const team = await newPool(gateway, upstream, [used(60), used(5), used(30)]);
    const roomy = team.accounts[1]?.id;
    expect([await served(team), await served(team)]).toEqual([roomy, roomy]);
  });
});

describe('a session', () => {
  it.each<[string, Record<string, string>, object]>([
    ['its header', session(), {}],
    ['the window of a CLI', { 'x-codex-window-id': randomUUID() }, {}],
    ['its prompt cache key', {}, { prompt_cache_key: randomUUID() }],
  ])('known by %s stays with the account that served it, though another has more room', async (_, headers, more) => {
    const team = await newPool(gateway, upstream, [used(60), used(60)]);
    const first = await served(team, headers, ask(more));
    for (const account of team.accounts) if (account.id === first) account.primary.usedPercent = 80;

    expect(await served(team, headers, ask(more))).toBe(first);
    expect(await served(team)).not.toBe(first);
    expect(await served(team, headers, ask(more))).toBe(first);
  });

  it('moves to another account when its own is spent, and stays there', async () => {
    const team = await newPool(gateway, upstream, [{}, {}]);
    const headers = session();
    const first = await served(team, headers);
    upstream.replyWith(quota429(HOUR_SECONDS));

    const moved = await served(team, headers);

    expect(moved).not.toBe(first);
    expect(await served(team, headers)).toBe(moved);
  });
});

describe('a Pool whose accounts are all spent', () => {
  it('answers 429 with the earliest reset, no plan and no retry-after, and then asks nobody until it is over', async () => {
    const team = await newPool(gateway, upstream, [{}, {}]);
    const [soon, late] = [HOUR_SECONDS, 2 * HOUR_SECONDS];
    const before = upstream.received.length;
    upstream.replyWith(quota429(late), quota429(soon));

    const found = await team.post(ask());
    const known = await team.post(ask());

    for (const answer of [found, known]) {
      expect(answer.headers.get('retry-after')).toBeNull();
      expect(answer.headers.get('x-pooler-error-source')).toBe('gateway');
      const { status, body } = await jsonOf(answer);
      const error = body['error'] as Record<string, number>;
      expect([status, error]).toEqual([
        429,
        {
          type: 'usage_limit_reached',
          code: 'usage_limit_reached',
          message: expect.any(String) as string,
          param: null,
          resets_at: expect.any(Number) as number,
          resets_in_seconds: expect.any(Number) as number,
        },
      ]);
      expect(Math.abs((error['resets_at'] ?? 0) - Date.now() / 1000 - soon)).toBeLessThan(10);
      expect(Math.abs((error['resets_in_seconds'] ?? 0) - soon)).toBeLessThan(10);
    }
    expect(upstream.received).toHaveLength(before + 2);
    const row = await settlementOf(gateway, known);
    expect(row).toMatchObject({ status: 'failed', error_code: 'usage_limit_reached', http_status: 429 });
    expect(await attemptsOf(gateway, row)).toEqual([]);
    expect(row['decision']).toMatchObject({
      exclusions: [{ reason: 'quota_exhausted' }, { reason: 'quota_exhausted' }],
    });
  });
});

describe('a token that the upstream no longer takes', () => {
  it('is refreshed once, and the call is repeated on the same account', async () => {
    const team = await newPool(gateway, upstream, [{}, {}]);
    for (const account of team.accounts) account.revoke();
    const [tokenCalls, modelCalls] = [upstream.tokenCalls, upstream.received.length];

    const id = await served(team);

    expect(upstream.tokenCalls - tokenCalls).toBe(1);
    expect(upstream.received).toHaveLength(modelCalls + 2);
    const sent = upstream.received.slice(-2).map((request) => request.header('chatgpt-account-id'));
    expect(sent).toEqual([id, id]);
    await eventually(async () => expect((await gateway.ledger()).at(-1)).toMatchObject({ attempt_count: 1 }));
    expect((await team.snapshot()).map(({ coolingUntilMs }) => coolingUntilMs)).toEqual([0, 0]);
  });

  it('takes the account out when its login is over, for this call and those that follow', async () => {
    const team = await newPool(gateway, upstream, [{}, {}]);
    const first = await served(team, session('one'));
    team.accounts.find(({ id }) => id === first)?.killLogin();

    expect(await served(team, session('one'))).not.toBe(first);
    const modelCalls = upstream.received.length;
    expect(await served(team, session('one'))).not.toBe(first);
    expect(upstream.received).toHaveLength(modelCalls + 1);
    expect((await team.snapshot()).find(({ label }) => label === first)).toMatchObject({ status: 'login_required' });
  });
});

describe("a client's own fault", () => {
  it.each([
    [400, 'context_length_exceeded'],
    [400, 'invalid_prompt'],
    [403, 'cyber_policy'],
    [404, 'resource_missing'],
    [413, 'too_large'],
    [422, 'invalid_value'],
  ])('with %i %s is asked once, and no account sits out for it', async (status, code) => {
    const team = await newPool(gateway, upstream, [{}, {}]);
    const before = upstream.received.length;
    const body = { error: { message: 'The prompt said so.', type: 'invalid_request_error', code, param: 'input' } };
    upstream.replyWith(json(status, body));

    const answer = await team.post(ask());

    expect(await jsonOf(answer)).toEqual({ status, body });
    expect(answer.headers.get('x-pooler-error-source')).toBe('upstream');
    expect(upstream.received).toHaveLength(before + 1);
    const row = await settlementOf(gateway, answer);
    expect(row).toMatchObject({ status: 'failed', http_status: status, blame: 'client', attempt_count: 1 });
    expect((await team.snapshot()).map(({ coolingUntilMs }) => coolingUntilMs)).toEqual([0, 0]);
  });
});
