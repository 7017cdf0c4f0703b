import { randomBytes, randomUUID } from 'node:crypto';
import { RequestLogService } from '../../src/accounting/index.js';
import type { PoolSettings } from '../../src/auth/index.js';
import { CatalogRefresh } from '../../src/upstream/catalog-refresh.service.js';
import { AccountService } from '../../src/upstream/index.js';
import { attemptsOf, jsonOf, settlementOf } from '../support/calls.js';
import { CodexSocket, turn, typeOf } from '../support/codex-socket.js';
import { eventually } from '../support/eventually.js';
import { everyText, sightings } from '../support/everything-stored.js';
import { forTheBlock } from '../support/for-the-block.js';
import { ask, hello, useGateway } from '../support/gateway.js';
import { newPool, type TestPool } from '../support/pools.js';
import { useSpans } from '../support/recorded-spans.js';
import { creditsGone, ScriptedPlatform, tooFast } from '../support/scripted-platform.js';
import { quota429, ScriptedUpstream, type AccountOptions } from '../support/scripted-upstream/index.js';

const lines: string[] = [];
const platform = new ScriptedPlatform();
const upstream = new ScriptedUpstream();
const spans = useSpans();
forTheBlock(
  () => platform.start(),
  () => platform.stop(),
);
const gateway = useGateway({
  upstream,
  logs: (line) => lines.push(line),
  env: {
    get OPENAI_UPSTREAM_BASE_URL() {
      return `${platform.url}/v1`;
    },
  },
});

const keys: string[] = [];

/** A Pool with ChatGPT accounts in front of one API key. */
async function overflowing(accounts: readonly AccountOptions[] = [], settings: PoolSettings = {}) {
  const team = await newPool(gateway, upstream, accounts, { routingStrategy: 'priority', ...settings });
  const apiKey = `sk-proj-${randomBytes(24).toString('hex')}`;
  platform.keys.add(apiKey);
  keys.push(apiKey);
  const label = `key ${randomUUID()}`;
  const { account } = await gateway.get(AccountService).addApiKey(apiKey, { label, poolId: team.pool.id, priority: 1 });
  await gateway.get(CatalogRefresh).run(account.id);
  const snapshot = async () => (await team.snapshot()).find(({ id }) => id === account.id);
  return { team, apiKey, label, id: account.id, snapshot };
}

/** @returns whether the Platform answered it, after it was answered well */
async function overflowed(team: TestPool): Promise<boolean> {
  const before = platform.received.length;
  const answer = await team.post(ask());
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('response.completed')]);
  return platform.received.length > before;
}

const chat = { model: 'gpt-5.5', messages: [{ role: 'user', content: 'Say hello.' }] };

describe('an API key behind ChatGPT accounts', () => {
  it('serves when all of them are spent, and no longer when one of them is back', async () => {
    const { team } = await overflowing([{}, {}]);
    upstream.replyWith(hello(), hello());
    expect([await overflowed(team), await overflowed(team)]).toEqual([false, false]);

    upstream.replyWith(quota429(3), quota429(3));
    expect([await overflowed(team), await overflowed(team)]).toEqual([true, true]);

    await eventually(async () => expect(await overflowed(team)).toBe(false), { withinMs: 15_000 });
  });

  it('keeps a session that came to it for as long as the others are spent', async () => {
    const { team } = await overflowing([{}]);
    upstream.replyWith(quota429(3_600));
    const headers = { 'session-id': randomUUID() };
    const seen = platform.received.length;
    for (const _ of [1, 2]) expect((await team.post(ask(), { headers })).status).toBe(200);
    expect(platform.received).toHaveLength(seen + 2);
  });
});

describe('a call through an API key', () => {
  it('brings nothing that only the backend of Codex knows, and asks for nothing to be kept', async () => {
    const { team, apiKey } = await overflowing();
    const answer = await team.post(
      ask({
        client_metadata: { session_id: 's' },
        input: [
          {
            type: 'message',
            role: 'user',
            content: [{ type: 'input_text', text: 'Hi' }],
            internal_chat_message_metadata_passthrough: { turn_id: 't' },
          },
        ],
      }),
      { headers: { originator: 'codex_exec', 'x-codex-turn-metadata': '{}', 'x-client-request-id': 'thread-1' } },
    );
    expect(answer.status).toBe(200);
    await answer.text();

    const sent = platform.received.at(-1);
    expect(Object.fromEntries(sent?.headers.map(([name, value]) => [name.toLowerCase(), value]) ?? [])).toEqual({
      host: new URL(platform.url).host,
      connection: 'keep-alive',
      accept: 'text/event-stream',
      'accept-encoding': 'identity',
      authorization: `Bearer ${apiKey}`,
      'content-length': expect.any(String) as string,
      'content-type': 'application/json',
      'user-agent': expect.stringMatching(/^codex-pooler\//) as string,
      'x-client-request-id': 'thread-1',
    });
    expect(sent?.json()).toEqual({
      model: 'gpt-5.5',
      stream: true,
      store: false,
      input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }],
    });
  });

  it.each<[string, string, object, RegExp]>([
    ['a chat completion', '/v1/chat/completions', chat, /From the Platform/],
    ['a streamed chat completion', '/v1/chat/completions', { ...chat, stream: true }, /Platform[^]*\[DONE\]/],
    ['a response', '/v1/responses', { model: 'gpt-5.5', input: 'Say hello.' }, /From the Platform/],
    ['a message', '/v1/messages', { ...chat, max_tokens: 100 }, /From the Platform/],
    ['a native JSON call', '/backend-api/codex/responses', ask({ stream: false }), /From the Platform/],
  ])('answers %s', async (_, path, body, expected) => {
    const { team } = await overflowing();
    const answer = await team.post(body, { path });
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringMatching(expected)]);
  });

  it('answers a turn of a websocket, which the others still have', async () => {
    const { team } = await overflowing();
    const socket = await CodexSocket.open(gateway, { key: team.key });
    const before = platform.received.length;
    expect((await socket.ask(turn())).map(typeOf).at(-1)).toBe('response.completed');
    expect((await socket.ask(turn())).map(typeOf).at(-1)).toBe('response.completed');
    expect(platform.received).toHaveLength(before + 2);
    expect(platform.received.at(-1)?.json()).not.toHaveProperty('type');
    socket.drop();
  });

  it('is marked as one that is paid for by itself, beside those that are not', async () => {
    const { team, label } = await overflowing([{}]);
    upstream.replyWith(hello(), quota429(3_600));
    const [covered, paid] = [await team.post(ask()), await team.post(ask())];
    await Promise.all([covered.text(), paid.text()]);
    const find = async (answer: Response) =>
      gateway.get(RequestLogService).find((await settlementOf(gateway, answer)).id);

    expect((await find(covered))?.ledger?.metered).toBeUndefined();
    expect((await find(paid))?.ledger?.metered).toBe(true);
    const attempts = await attemptsOf(gateway, await settlementOf(gateway, paid));
    expect(attempts.at(-1)).toMatchObject({ account_label: label, metered: true, status: 'succeeded' });
  });
});

describe('an API key', () => {
  it('that is refused is out until somebody sees to it, and nobody reads what was said of it', async () => {
    const { team, apiKey, snapshot } = await overflowing();
    platform.keys.delete(apiKey);

    const answer = await team.post(ask());

    const { status, body } = await jsonOf(answer);
    expect(status).toBe(503);
    expect(JSON.stringify(body)).not.toMatch(/sk-|Incorrect/);
    expect(await snapshot()).toMatchObject({ status: 'login_required' });
    const [account] = await gateway.get(AccountService).list(team.pool.id);
    expect(account).toMatchObject({ status: 'login_required', statusReason: 'api_key_rejected', kind: 'openai' });

    platform.keys.add(apiKey);
    const added = await gateway.get(AccountService).addApiKey(apiKey, { label: account?.label ?? '' });
    expect(added).toMatchObject({ outcome: 'updated', proof: 'proven', account: { status: 'active' } });
    expect(await overflowed(team)).toBe(true);
  });

  it('without credit is spent for long, one that is too fast rests for seconds', async () => {
    const { team, snapshot } = await overflowing();
    platform.replyWith(tooFast('1.5s'));
    const fast = await team.post(ask());
    expect([fast.status, await fast.text()]).toEqual([429, expect.not.stringContaining('org-secret')]);
    await eventually(async () => expect((await team.post(ask())).status).toBe(200), { withinMs: 15_000 });

    platform.replyWith(creditsGone());
    const answer = await team.post(ask());
    expect(await jsonOf(answer)).toMatchObject({ status: 429, body: { error: { code: 'usage_limit_reached' } } });
    const { coolingReason, coolingUntilMs = 0 } = (await snapshot()) ?? {};
    expect(coolingReason).toBe('upstream_quota_exhausted');
    expect(coolingUntilMs - Date.now()).toBeGreaterThan(3_000_000);
  });

  it('that is added twice is one account, and one that the provider does not take is none', async () => {
    const { apiKey, label, id } = await overflowing();
    const accounts = gateway.get(AccountService);
    const again = await accounts.addApiKey(apiKey, { label });
    expect([again.outcome, again.account.id]).toEqual(['unchanged', id]);

    const refusal = accounts.addApiKey('sk-proj-unknown-to-anybody', { label: randomUUID() });
    await expect(refusal).rejects.toMatchObject({ reason: 'api_key_refused' });
  });

  it('adds its models to those of SDKs, and to a CLI nothing that describes none', async () => {
    const { team } = await overflowing([{ models: ['gpt-5.5'] }]);
    const headers = { authorization: `Bearer ${team.key}` };
    const native = await fetch(`${gateway.url}/backend-api/codex/models`, { headers });
    const sdk = await fetch(`${gateway.url}/v1/models`, { headers });
    const slugs = ((await native.json()) as { models: { slug: string }[] }).models.map(({ slug }) => slug);
    const ids = ((await sdk.json()) as { data: { id: string }[] }).data.map(({ id }) => id);
    expect([slugs, ids]).toEqual([['gpt-5.5'], ['gpt-4o', 'gpt-5.5']]);
  });
});

it('is written down nowhere', async () => {
  await eventually(async () => {
    const rows = await gateway.ledger();
    expect(rows.filter(({ status }) => status === 'in_flight')).toEqual([]);
  });
  const everything = await everyText({ gateway, redisUrl: undefined, lines, spans: spans.ended() });
  expect(keys.length).toBeGreaterThan(5);
  const secrets = new Map(keys.map((key, index) => [`API key ${index + 1}`, key]));
  expect(sightings(secrets, everything)).toEqual([]);
});
