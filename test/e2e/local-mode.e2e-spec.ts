import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyAdminService, PoolService } from '../../src/auth/index.js';
import { LocalStartService } from '../../src/operator/index.js';
import { AccountPoolService } from '../../src/upstream/index.js';
import { attemptsOf, jsonOf, settlementOf } from '../support/calls.js';
import { ask, hello, useGateway } from '../support/gateway.js';
import { RawConnection, type RawAnswer } from '../support/raw-http.js';
import { json, raw, ScriptedUpstream } from '../support/scripted-upstream/index.js';

const codexHome = mkdtempSync(join(tmpdir(), 'codex-pooler-local-'));
afterAll(() => rmSync(codexHome, { recursive: true, force: true }));

describe('local mode', () => {
  const upstream = new ScriptedUpstream();
  const { login } = upstream.addAccount({ accountId: 'acc_mine' });
  writeFileSync(join(codexHome, 'auth.json'), login.authJson);
  writeFileSync(join(codexHome, 'config.toml'), 'model = "gpt-5.4"\nmodel_context_window = 100_000\n');
  upstream.script = hello;
  const gateway = useGateway({ upstream, env: { MODE: 'local', CODEX_HOME: codexHome } });

  const at = (path: string, init: RequestInit = {}): Promise<Response> => fetch(`${gateway.url}${path}`, init);
  const postJson = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    at(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const sent = () => upstream.requests('other').at(-1);
  const relayedSoFar = () => upstream.count('other');
  const rawly = async (target: string, ...headers: readonly string[]): Promise<RawAnswer> => {
    const connection = await RawConnection.open(Number(new URL(gateway.url).port));
    const head = [`GET ${target} HTTP/1.1`, ...headers, 'connection: close'];
    return connection.send(`${head.join('\r\n')}\r\n\r\n`).untilClosed();
  };
  const localPool = () => gateway.get(PoolService).findPool('local');

  it('makes a Pool with the login and the model of the Codex CLI', async () => {
    const pool = await localPool();
    expect(pool).toMatchObject({
      storedResponses: true,
      maxStoredItems: 1_000,
      allowUnlistedModels: true,
      defaultModel: 'gpt-5.4',
      anthropicModels: [['*claude*', 'gpt-5.4']],
    });
    expect(pool && (await gateway.get(AccountPoolService).snapshot(pool.id))).toHaveLength(1);
  });

  it('changes nothing at a second start but the secret of its built-in key', async () => {
    const before = await localPool();
    const report = await gateway.get(LocalStartService).prepare();
    expect(report).toMatchObject({ imported: 'local', accounts: 1, model: 'gpt-5.4', keyWanted: false });
    expect(await localPool()).toEqual(before);
    expect(await gateway.get(KeyAdminService).listKeys(before?.id)).toHaveLength(1);
  });

  it.each([{}, { authorization: 'Bearer sk-proj-of-somewhere-else' }, { authorization: 'Basic dTpw' }])(
    'serves whoever asks, with the header %j, as the built-in caller',
    async (headers) => {
      const answer = await postJson('/backend-api/codex/responses', ask(), headers);
      expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('response.completed')]);
      const pool = await localPool();
      expect(await settlementOf(gateway, answer)).toMatchObject({ key_label: 'local', pool_id: pool?.id });
    },
  );

  it('serves a client of Anthropic that shows two keys', async () => {
    const headers = { 'x-api-key': 'sk-ant-1', authorization: 'Bearer mine' };
    const messages = [{ role: 'user', content: 'Say hello.' }];
    const answer = await postJson('/v1/messages', { model: 'claude-sonnet-4-6', max_tokens: 9, messages }, headers);
    expect(await jsonOf(answer)).toMatchObject({ status: 200, body: { model: 'claude-sonnet-4-6' } });
    expect(upstream.received.at(-1)?.json()).toMatchObject({ model: 'gpt-5.4' });
  });

  it('takes a Pool API key for what it is, and refuses it once it was revoked', async () => {
    const keys = gateway.get(KeyAdminService);
    const { key, token } = await keys.createKey(gateway.pool.id, 'mine');
    const call = () => postJson('/backend-api/codex/responses', ask(), { authorization: `Bearer ${token}` });
    expect(await settlementOf(gateway, await call())).toMatchObject({ key_label: 'mine', pool_id: gateway.pool.id });
    await keys.revokeKey(key.id);
    expect((await call()).status).toBe(401);
  });

  it.each([
    ['another host', 'host: evil.example'],
    ['a page of another site', 'host: localhost', 'origin: https://evil.example'],
    ['a page without an address', 'host: localhost', 'origin: null'],
    ['a picture in a page', 'host: localhost', 'sec-fetch-site: cross-site'],
  ])('refuses %s with 403 and asks nobody', async (_, ...headers) => {
    for (const path of ['/v1/things', '/backend-api/codex/models', '/health']) {
      const before = relayedSoFar();
      const { status, body } = await rawly(path, ...headers);
      expect([status, body]).toEqual([403, expect.stringContaining('foreign_origin')]);
      expect(relayedSoFar()).toBe(before);
    }
    expect((await rawly('/healthz', ...headers)).status).toBe(200);
  });

  it('refuses the websocket of a page of another site', async () => {
    const handshake = ['connection: Upgrade', 'upgrade: websocket', 'sec-websocket-version: 13'];
    const connection = await RawConnection.open(Number(new URL(gateway.url).port));
    const key = 'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==';
    const head = ['GET /backend-api/codex/responses HTTP/1.1', 'host: localhost', 'origin: https://evil.example'];
    connection.send(`${[...head, ...handshake, key].join('\r\n')}\r\n\r\n`);
    expect((await connection.until('foreign_origin')).status).toBe(403);
    connection.close();
  });

  it('tells at /health its state, its login, its model and its limits, without a token or a path', async () => {
    const answer = await at('/health');
    const text = await answer.clone().text();
    expect(await jsonOf(answer)).toEqual({
      status: 200,
      body: {
        status: 'ok',
        auth_available: true,
        model: 'gpt-5.4',
        codex_config_path: 'config.toml',
        context_window: 100_000,
        auto_compact_token_limit: 80_000,
      },
    });
    expect(text).not.toMatch(/eyJ|rt_|\//);
  });

  it('tells the same limits with a count of tokens (T3)', async () => {
    const messages = [{ role: 'user', content: 'Hello!' }];
    const answer = await postJson('/v1/messages/count_tokens', { model: 'claude-sonnet-4-6', messages });
    expect(await answer.json()).toMatchObject({ context_window: 100_000, auto_compact_token_limit: 80_000 });
  });

  describe('relays what it has no route for', () => {
    it('with its method, path, query and body, the headers that are allowed, and the account of the Pool', async () => {
      upstream.otherScript = () =>
        raw(['{"made":', '1}'], { 'content-type': 'application/json', 'set-cookie': 'a=b', 'x-things-left': '3' }, 201);
      const answer = await postJson(
        '/v1/things/1?limit=2&a=%2F',
        { any: 'body' },
        {
          authorization: 'Bearer mine',
          'openai-beta': 'things=v1',
          'idempotency-key': 'once',
          'x-own': 'mine',
          cookie: 'session=mine',
        },
      );
      expect([answer.status, await answer.text()]).toEqual([201, '{"made":1}']);
      const { headers } = answer;
      expect([headers.get('x-pooler-relay'), headers.get('content-type')]).toEqual(['codex-http', 'application/json']);
      expect(headers.get('x-openai-via-codex-proxy')).toBe('codex-http');
      expect([headers.get('set-cookie'), headers.get('x-things-left')]).toEqual([null, '3']);
      const request = sent();
      expect([request?.method, request?.path, request?.query]).toEqual([
        'POST',
        '/backend-api/codex/things/1',
        'limit=2&a=%2F',
      ]);
      expect([request?.body.toString(), request?.accountId]).toEqual(['{"any":"body"}', 'acc_mine']);
      expect([request?.header('openai-beta'), request?.header('idempotency-key')]).toEqual(['things=v1', 'once']);
      expect([request?.header('x-own'), request?.header('cookie')]).toEqual([undefined, undefined]);
      expect(request?.header('authorization')).toBe(`Bearer ${login.accessToken}`);
    });

    it.each(['GET', 'PUT', 'PATCH', 'DELETE'])('with %s', async (method) => {
      upstream.otherScript = () => json(200, { ok: true });
      const answer = await at('/v1/things', { method });
      expect([answer.status, await answer.json(), sent()?.method]).toEqual([200, { ok: true }, method]);
    });

    it('and settles it as one call with one attempt, under a route that names nothing', async () => {
      upstream.otherScript = () => json(200, { ok: true });
      const row = await settlementOf(gateway, await at('/v1/things/private-name'));
      expect(row).toMatchObject({ dialect: 'relay', outcome: 'succeeded', model: '' });
      expect(JSON.stringify(row)).not.toContain('private-name');
      expect(await attemptsOf(gateway, row)).toHaveLength(1);
    });

    it.each([403, 404, 429, 500, 401])(
      'and passes a %i on as it came, with the account none the worse',
      async (status) => {
        upstream.otherScript = () => json(status, { detail: 'No such thing.' });
        const answer = await at('/v1/things');
        expect(answer.headers.get('x-pooler-relay')).toBe('codex-http');
        expect(await jsonOf(answer)).toEqual({ status, body: { detail: 'No such thing.' } });
        expect((await postJson('/backend-api/codex/responses', ask())).status).toBe(200);
      },
    );

    it.each([
      '/v1/../backend-api/x',
      '/v1/a/%2e%2e/b',
      '/v1/x%2f..%2fy',
      '/v1/a/..%5cb',
      '/v1/a%0d%0ab',
      '/v1/a%252e%252e/b',
    ])('but not %s, which is 400 before any token is read (T19)', async (target) => {
      const before = relayedSoFar();
      expect((await rawly(target, 'host: localhost')).status).toBe(400);
      expect(relayedSoFar()).toBe(before);
    });

    it('but not what it serves itself, however that is spelled', async () => {
      const before = relayedSoFar();
      expect((await rawly('/v1//models', 'host: localhost')).status).toBe(400);
      expect((await at('/v1/models')).headers.get('x-pooler-relay')).toBeNull();
      expect(relayedSoFar()).toBe(before);
    });

    it('but not for a key that is limited to models', async () => {
      const { token } = await gateway
        .get(KeyAdminService)
        .createKey(gateway.pool.id, 'limited', { allowedModels: ['gpt-5.5'] });
      const answer = await at('/v1/things', { headers: { authorization: `Bearer ${token}` } });
      expect(await jsonOf(answer)).toMatchObject({ status: 404, body: { error: { code: 'unsupported_endpoint' } } });
    });
  });

  it('asks once more without a temperature that the model refuses, as one attempt, and never sends it again', async () => {
    const chat = (text: string) =>
      postJson('/v1/chat/completions', {
        model: 'gpt-5.3-codex',
        temperature: 0.3,
        messages: [{ role: 'user', content: text }],
      });
    const temperatures = () => upstream.received.slice(-2).map((request) => request.json() as object);
    upstream.replyWith(json(400, { detail: 'Unsupported parameter: temperature' }));
    const answer = await chat('one');
    expect(answer.status).toBe(200);
    expect(temperatures()).toEqual([
      expect.objectContaining({ temperature: 0.3 }),
      expect.not.objectContaining({ temperature: 0.3 }),
    ]);
    expect(await attemptsOf(gateway, await settlementOf(gateway, answer))).toMatchObject([{ status: 'succeeded' }]);
    const before = upstream.received.length;
    expect((await chat('two')).status).toBe(200);
    expect(upstream.received).toHaveLength(before + 1);
    expect(upstream.received.at(-1)?.json()).not.toHaveProperty('temperature');
  });
});
