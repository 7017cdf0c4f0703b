import { request as httpRequest, type IncomingMessage } from 'node:http';
import { ask, hello, PATH, useGateway } from '../support/gateway.js';
import { json, raw, ScriptedUpstream, withHeaders } from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream });

const FOREIGN = {
  'set-cookie': ['__cf_bm=1; path=/', 'session=2'],
  'cf-ray': 'ray',
  server: 'cloudflare',
  'x-request-id': 'req_upstream',
  'x-codex-primary-used-percent': '12',
  'x-codex-credits-balance': '7',
  'x-internal': 'secret',
  'proxy-authenticate': 'Basic',
  'access-control-allow-origin': '*',
  'content-security-policy': 'none',
  'alt-svc': 'h3=":443"',
  trailer: 'x-late',
};
/** What our own HTTP says, and what is added to every answer. */
const OWN = ['connection', 'date', 'keep-alive', 'transfer-encoding', 'content-length', 'x-request-id'];

/** The names of an answer's headers that are not those of any answer of ours. */
async function relayedNames(answer: Response): Promise<string[]> {
  await answer.text();
  return [...answer.headers.keys()].filter((name) => !OWN.includes(name)).sort();
}

const STREAM = ['cache-control', 'content-type', 'x-accel-buffering', 'x-models-etag', 'x-oai-request-id'];

describe('an answer', () => {
  it('has no header of the upstream that is not on the list (trap 14)', async () => {
    upstream.replyWith(withHeaders(FOREIGN, hello()));
    const answer = await gateway.post(ask());

    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers.get('x-oai-request-id')).toBe('req_upstream');
    expect(answer.headers.get('cache-control')).toMatch(/no-cache/);
    expect(await relayedNames(answer)).toEqual(STREAM);
  });

  it('has none in JSON either, nor in a failure that is relayed', async () => {
    const body = { id: 'resp_1', output: [] };
    upstream.replyWith(
      json(200, body, FOREIGN),
      json(400, { detail: 'No.' }, { ...FOREIGN, 'x-codex-turn-state': 'state-2' }),
    );

    expect(await relayedNames(await gateway.post(ask({ stream: false })))).toEqual([
      'content-type',
      'x-oai-request-id',
    ]);
    const failed = await gateway.post(ask());
    expect([failed.status, failed.headers.get('x-codex-turn-state')]).toEqual([400, 'state-2']);
    expect(await relayedNames(failed)).toEqual([
      'content-type',
      'x-codex-turn-state',
      'x-oai-request-id',
      'x-pooler-error-source',
    ]);
  });

  it('carries the control headers of a Codex answer', async () => {
    const control = {
      'x-codex-turn-state': 'state',
      'x-reasoning-included': 'true',
      'x-codex-safety-buffering-enabled': 'true',
      'x-codex-safety-buffering-faster-model': 'gpt-5.4-mini',
      'openai-model': 'gpt-5.5',
    };
    upstream.replyWith(withHeaders(control, hello()));
    const answer = await gateway.post(ask());

    expect(Object.fromEntries(answer.headers)).toMatchObject(control);
    await answer.text();
  });

  it.each([
    ['openai-model', 'GPT-5.5', 'GPT-5.5'],
    ['x-openai-model', 'gpt-5.5', 'gpt-5.5'],
    ['openai-model', 'gpt-5.4-mini', null],
    ['x-openai-model', 'gpt-5.4-mini', null],
  ])(
    'shows the model of %s: %s as %s, so that nobody is told that an account was flagged',
    async (name, value, shown) => {
      upstream.replyWith(withHeaders({ [name]: value }, hello()));
      const answer = await gateway.post(ask());

      expect([answer.headers.get('openai-model'), answer.headers.get('x-openai-model')]).toEqual([shown, null]);
      await answer.text();
    },
  );

  it('leaves out a control header of more than 1024 bytes', async () => {
    upstream.replyWith(withHeaders({ 'x-codex-turn-state': 'x'.repeat(1025) }, hello()));
    const answer = await gateway.post(ask());

    expect(answer.headers.get('x-codex-turn-state')).toBeNull();
    await answer.text();
  });

  it('is never compressed, whatever the client takes', async () => {
    upstream.replyWith(hello());
    const answer = await gateway.post(ask(), { headers: { 'accept-encoding': 'gzip, br' } });

    expect(answer.headers.get('content-encoding')).toBeNull();
    expect(await answer.text()).toContain('response.completed');
  });

  it('is an event stream whatever the upstream calls it', async () => {
    upstream.replyWith(
      raw(['data: {"type":"response.completed","response":{"id":"r"}}\n\n'], { 'content-type': 'text/plain' }),
    );
    const answer = await gateway.post(ask());

    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(await answer.text()).toContain('response.completed');
  });
});

describe('a request', () => {
  it("takes the client's own headers up and nothing else of it", async () => {
    upstream.replyWith(hello());
    const answer = await gateway.post(ask(), {
      headers: {
        originator: 'codex_exec',
        'user-agent': 'codex_exec/0.169.0',
        version: '0.169.0',
        'session-id': 'session',
        'x-codex-turn-state': 'state-1',
        'x-openai-subagent': 'review',
        cookie: 'a=b',
        'chatgpt-account-id': 'somebody-else',
        'x-api-key': 'k',
        'x-forwarded-for': '10.0.0.1',
        'idempotency-key': 'i',
        'x-openai-internal-codex-residency': 'eu',
      },
    });
    await answer.text();

    const request = upstream.received.at(-1);
    const names = (request?.headers ?? []).map(([name]) => name.toLowerCase());
    expect(request?.header('authorization')).toBe(`Bearer ${token(request?.accountId)}`);
    expect(request?.header('chatgpt-account-id')).toBe(request?.accountId);
    expect(request?.header('x-codex-turn-state')).toBe('state-1');
    expect(request?.header('accept-encoding')).toBe('identity');
    expect(
      names.filter((name) => !['host', 'connection', 'content-length', 'transfer-encoding'].includes(name)).sort(),
    ).toEqual([
      'accept',
      'accept-encoding',
      'authorization',
      'chatgpt-account-id',
      'content-type',
      'originator',
      'session-id',
      'user-agent',
      'version',
      'x-codex-turn-state',
      'x-openai-subagent',
    ]);
  });

  it('keeps its hop-by-hop headers to itself', async () => {
    upstream.replyWith(hello());
    await new Promise<IncomingMessage>((resolve, reject) => {
      httpRequest(`${gateway.url}${PATH}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${gateway.key}`,
          'content-type': 'application/json',
          connection: 'close, x-codex-hop',
          'x-codex-hop': 'mine',
          te: 'trailers',
        },
      })
        .on('response', (response) => response.on('end', () => resolve(response)).resume())
        .on('error', reject)
        .end(JSON.stringify(ask()));
    });

    expect(upstream.received.at(-1)?.header('te')).toBeUndefined();
    expect(upstream.received.at(-1)?.header('x-codex-hop')).toBeUndefined();
  });
});

const token = (id: string | undefined): string | undefined =>
  upstream.accounts.find((account) => account.id === id)?.login.accessToken;
