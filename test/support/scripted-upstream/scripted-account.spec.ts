import { say } from './index.js';
import { ask, refresh, startUpstream, stopUpstreams } from './spec-calls.js';

afterEach(stopUpstreams);

describe('an account', () => {
  it('reports its quota on every answer and refuses with 429 once a window is spent', async () => {
    const upstream = await startUpstream();
    const account = upstream.addAccount({ primary: { usedPercent: 99 }, percentPerCall: 1 });

    const first = await ask(upstream, account.login.accessToken);
    const second = await ask(upstream, account.login.accessToken);

    expect(first.headers.get('x-codex-primary-used-percent')).toBe('100');
    expect(first.status).toBe(200);
    expect(second.status).toBe(429);
    expect(await second.json()).toMatchObject({ error: { type: 'usage_limit_reached', plan_type: 'pro' } });
  });

  it('rotates its tokens at a refresh: the old access token gets 401, the old refresh token invalid_grant', async () => {
    const upstream = await startUpstream();
    const account = upstream.addAccount();
    const before = account.login;

    const renewed = (await (await refresh(upstream, before.refreshToken)).json()) as { access_token: string };
    const reused = await refresh(upstream, before.refreshToken);

    expect(reused.status).toBe(400);
    expect(await reused.json()).toMatchObject({ error: 'invalid_grant' });
    expect((await ask(upstream, before.accessToken)).status).toBe(401);
    expect((await ask(upstream, renewed.access_token)).status).toBe(200);
    expect(upstream.tokenCalls).toBe(2);
  });

  it('answers by its own queue and script before those of the upstream', async () => {
    const upstream = await startUpstream();
    const account = upstream.addAccount();
    upstream.script = () => say('upstream');
    account.script = () => say('script');
    account.replyWith(say('queue'));

    const texts: string[] = [];
    for (let n = 0; n < 2; n += 1) texts.push(await (await ask(upstream, account.login.accessToken)).text());

    expect(texts[0]).toContain('queue');
    expect(texts[1]).toContain('script');
  });

  it('lists its models, and its usage under the usage route', async () => {
    const upstream = await startUpstream();
    const account = upstream.addAccount({ models: ['gpt-5.5'], secondary: null });
    const headers = { authorization: `Bearer ${account.login.accessToken}` };

    const models = await fetch(`${upstream.url}/backend-api/codex/models?client_version=0.169.0`, { headers });
    const usageOf = await fetch(`${upstream.url}/backend-api/wham/usage`, { headers });

    expect(await models.json()).toEqual({ models: [expect.objectContaining({ slug: 'gpt-5.5' })] });
    expect(await usageOf.json()).toMatchObject({
      rate_limit: { primary_window: { used_percent: 12, limit_window_seconds: 18_000 }, secondary_window: null },
    });
  });
});
