import { randomUUID } from 'node:crypto';
import { KeyAdminService, PoolKeyService, UsageLimitService, type KeyPolicy } from '../../src/auth/index.js';
import { jsonOf } from '../support/calls.js';
import { CodexSocket } from '../support/codex-socket.js';
import { eventually } from '../support/eventually.js';
import { ask, useGateway } from '../support/gateway.js';
import { refusal } from '../support/http-app.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream });

const WITHIN = { withinMs: 3_000 };
const POLICY_REFUSED = 1008;

const newKey = (policy: KeyPolicy) => gateway.get(KeyAdminService).createKey(gateway.pool.id, randomUUID(), policy);
const post = (token: string, body: unknown, path?: string) =>
  gateway.post(body, { headers: { authorization: `Bearer ${token}` }, ...(path === undefined ? {} : { path }) });
const hi = { model: 'gpt-5.5', max_tokens: 100, messages: [{ role: 'user', content: 'Hi' }] };

describe('the addresses of a key', () => {
  const code = 'address_not_allowed';
  it('are the only ones that it is used from', async () => {
    const { key, token } = await newKey({ allowedAddresses: ['192.0.2.0/24'] });
    const native = await post(token, ask());
    expect([native.status, await native.json()]).toEqual([403, refusal(code)]);
    const open = await post(token, hi, '/v1/chat/completions');
    expect(await jsonOf(open)).toMatchObject({ status: 403, body: { error: { code } } });
    const anthropic = await post(token, hi, '/v1/messages');
    expect(await jsonOf(anthropic)).toMatchObject({ status: 403, body: { error: { type: 'permission_error' } } });
    const refused = await CodexSocket.refused(gateway, { key: token });
    expect([refused.status, JSON.parse(refused.body)]).toEqual([403, refusal(code)]);
    await gateway.get(KeyAdminService).changeKey(key.id, { allowedAddresses: ['127.0.0.1', '::1'] });
    await eventually(async () => expect((await post(token, ask())).status).toBe(200), WITHIN);
  });

  it('end a websocket whose client may not stay', async () => {
    const { key, token } = await newKey({});
    const socket = await CodexSocket.open(gateway, { key: token });
    await gateway.get(KeyAdminService).changeKey(key.id, { allowedAddresses: ['192.0.2.0/24'] });
    expect(await socket.closed).toBe(POLICY_REFUSED);
  });
});

describe('a change of a key', () => {
  it('is gone by within a second: pause, resume, expiry, policy', async () => {
    const { key, token } = await newKey({});
    const keys = gateway.get(KeyAdminService);
    const answers = async (expected: number, code?: string) =>
      eventually(async () => {
        const answer = await post(token, ask());
        const text = await answer.text();
        expect(answer.status).toBe(expected);
        if (code !== undefined) expect(text).toContain(code);
      }, WITHIN);
    await answers(200);
    await keys.changeKey(key.prefix, { paused: true });
    await answers(401, 'api_key_paused');
    await keys.changeKey(key.prefix, { paused: false });
    await answers(200);
    await keys.changeKey(key.id, { expiresAt: new Date(Date.now() - 1_000) });
    await answers(401, 'api_key_expired');
    await keys.changeKey(key.id, { expiresAt: null, forcedModel: 'gpt-5.4' });
    await answers(200);
    expect(upstream.received.at(-1)?.json()).toMatchObject({ model: 'gpt-5.4' });
  });

  it('ends the websocket of a key that is paused', async () => {
    const { key, token } = await newKey({});
    const socket = await CodexSocket.open(gateway, { key: token });
    await gateway.get(KeyAdminService).changeKey(key.id, { paused: true });
    expect(await socket.closed).toBe(POLICY_REFUSED);
  });

  it('is known of its limits, and of those of its Pool, with the key itself', async () => {
    const { key, token } = await newKey({});
    const limits = gateway.get(UsageLimitService);
    const known = async () => (await gateway.get(PoolKeyService).authenticate(`Bearer ${token}`, Date.now())).limits;
    expect(await known()).toBeUndefined();
    await limits.setLimit({ keyId: key.id }, { usdPerDay: '0.5', tokensPerDay: 1_000_000 });
    await limits.setLimit({ poolId: gateway.pool.id }, { requestsPerMinute: 6_000 }, 'GPT-*');
    await eventually(
      async () =>
        expect(await known()).toEqual(
          expect.arrayContaining([
            { scope: 'key', id: key.id, nanoUsdPerDay: 500_000_000, tokensPerDay: 1_000_000 },
            { scope: 'pool', id: gateway.pool.id, model: 'gpt-*', requestsPerMinute: 6_000 },
          ]),
        ),
      WITHIN,
    );
    await limits.removeLimit({ poolId: gateway.pool.id }, 'gpt-*');
  });
});
