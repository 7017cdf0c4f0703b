import { IngressCounts, KeyAdminService } from '../../src/auth/index.js';
import { CodexSocket, turn } from '../support/codex-socket.js';
import { eventually } from '../support/eventually.js';
import { ask, hello, PATH, useGateway } from '../support/gateway.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';

const hi = { model: 'gpt-5.5', max_tokens: 100, messages: [{ role: 'user', content: 'Hi' }] };

describe('who guesses credentials', () => {
  const upstream = new ScriptedUpstream();
  upstream.script = hello;
  const gateway = useGateway({ upstream, env: { AUTH_FAILURES_PER_MINUTE: '3' } });
  const post = async (token: string, path = PATH, headers: Record<string, string> = {}) => {
    const body = path === PATH ? ask() : hi;
    const answer = await gateway.post(body, { path, headers: { authorization: `Bearer ${token}`, ...headers } });
    return { status: answer.status, retryAfter: answer.headers.get('retry-after'), text: await answer.text() };
  };
  const newKey = async (label: string): Promise<string> =>
    (await gateway.get(KeyAdminService).createKey(gateway.pool.id, label)).token;
  const WRONG = `sk-cxp-ffffffffffff-${'A'.repeat(43)}`;

  it('has to wait, in the words of his protocol, and stops nobody who was served before', async () => {
    const fresh = await newKey('never seen');
    expect((await post(gateway.key)).status).toBe(200);
    const tries = [];
    for (let n = 0; n < 3; n += 1) tries.push((await post(WRONG)).status);
    expect(new Set(tries)).toEqual(new Set([401]));
    expect((await post(fresh)).status).toBe(200);
    const slowed = await eventually(async () => {
      const answer = await post(WRONG);
      expect(answer.status).toBe(429);
      return answer;
    });
    expect(slowed.retryAfter).toMatch(/^[1-5]$/);
    expect(JSON.parse(slowed.text)).toMatchObject({
      error: { type: 'rate_limit_exceeded', code: 'too_many_failed_credentials' },
    });
    const unseen = await newKey('not seen yet');
    const [chat, anthropic] = [await post(unseen, '/v1/chat/completions'), await post(WRONG, '/v1/messages')];
    expect([chat.status, JSON.parse(chat.text)]).toMatchObject([
      429,
      { error: { type: 'rate_limit_error', code: 'too_many_failed_credentials' } },
    ]);
    expect([anthropic.status, JSON.parse(anthropic.text)]).toMatchObject([
      429,
      { error: { type: 'rate_limit_error' } },
    ]);
    expect([(await post(gateway.key)).status, (await post(fresh)).status]).toEqual([200, 200]);
    expect((await fetch(`${gateway.url}/v1/models`)).status).toBe(401);
    const upgrade = await CodexSocket.refused(gateway, { key: WRONG });
    expect([upgrade.status, upgrade.headers['retry-after']]).toEqual([429, expect.stringMatching(/^[1-5]$/)]);
    const socket = await CodexSocket.open(gateway);
    expect((await socket.ask(turn())).at(-1)).toContain('response.completed');
    socket.drop();
  });

  it('of the accounts that ask for themselves is slowed down as well', async () => {
    const headers = { 'chatgpt-account-id': 'acc_alice', authorization: 'Bearer guess' };
    const statuses = [];
    for (let n = 0; n < 20; n += 1) {
      statuses.push((await fetch(`${gateway.url}/backend-api/wham/usage`, { headers })).status);
    }
    expect([statuses[0], statuses.at(-1)]).toEqual([401, 429]);
  });

  it('is counted', () => {
    expect(gateway.get(IngressCounts).numbers()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ reason: 'credential_throttled', at: 'pool_key' }),
        expect.objectContaining({ reason: 'credential_throttled', at: 'account' }),
      ]),
    );
  });
});
