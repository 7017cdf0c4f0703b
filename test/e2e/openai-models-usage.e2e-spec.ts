import { randomUUID } from 'node:crypto';
import { KeyAdminService } from '../../src/auth/index.js';
import { USAGE_COUNTERS } from '../../src/accounting/rollups/usage-counters.js';
import { JobProducer, QUEUES } from '../../src/platform/queue/index.js';
import { USAGE_DUE_JOB } from '../../src/upstream/quota/usage-job.js';
import { jsonOf, settlementOf } from '../support/calls.js';
import { eventually } from '../support/eventually.js';
import { bearer } from '../support/file-client.js';
import { ask, hello, useGateway } from '../support/gateway.js';
import { newPool } from '../support/pools.js';
import { CATALOGUE, say, ScriptedUpstream, usage, type Usage } from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
upstream.catalogue = [...CATALOGUE, { ...(CATALOGUE[0] as object), slug: 'app-only', supported_in_api: false }];
upstream.script = () => hello();
const gateway = useGateway({ probes: true, upstream });

const get = (path: string, key = gateway.key): Promise<Response> =>
  fetch(`${gateway.url}${path}`, { headers: bearer(key) });
const newKey = async (allowedModels?: readonly string[]): Promise<string> => {
  const limits = allowedModels === undefined ? {} : { allowedModels: [...allowedModels] };
  return (await gateway.get(KeyAdminService).createKey(gateway.pool.id, randomUUID(), limits)).token;
};

describe('GET /v1/models', () => {
  it('lists what the Pool offers, as OpenAI’s clients know models, and for Codex clients beside it', async () => {
    const answer = await get('/v1/models');
    const { object, data, models } = (await answer.json()) as {
      object: string;
      data: { id: string; created: number }[];
      models: { slug: string }[];
    };
    expect([answer.status, answer.headers.get('content-type'), object]).toEqual([
      200,
      'application/json; charset=utf-8',
      'list',
    ]);
    const listed = CATALOGUE.filter(({ slug }) => slug !== 'codex-auto-review').map(({ slug }) => slug);
    expect(data.map(({ id }) => id)).toEqual(listed.sort());
    const created = data[0]?.created ?? 0;
    expect(Math.abs(created - Date.now() / 1000)).toBeLessThan(600);
    expect(data.find(({ id }) => id === 'gpt-5.5')).toEqual({
      id: 'gpt-5.5',
      object: 'model',
      created,
      owned_by: 'codex-pooler',
      permission: [],
      input_modalities: ['text', 'image'],
      display_name: 'GPT-5.5',
      supports_streaming: true,
      supports_tools: true,
      supports_reasoning: true,
      context_length: 258_400,
    });
    expect(models.map(({ slug }) => slug)).toEqual([...listed, 'app-only', 'codex-auto-review'].sort());
  });

  it('lists only what the key may ask for', async () => {
    const { body } = await jsonOf(await get('/v1/models', await newKey(['GPT-5.4'])));
    expect(body).toMatchObject({ data: [{ id: 'gpt-5.4' }], models: [{ slug: 'gpt-5.4' }] });
  });

  it('is empty in a Pool without accounts', async () => {
    const { key } = await newPool(gateway, upstream, []);
    expect(await jsonOf(await get('/v1/models', key))).toEqual({
      status: 200,
      body: { object: 'list', data: [], models: [] },
    });
  });

  it('makes no call, leaves no row, and looks at no query', async () => {
    const before = [upstream.count('responses'), (await gateway.ledger()).length];
    expect((await get('/v1/models?client_version=0.169.0')).status).toBe(200);
    expect([upstream.count('responses'), (await gateway.ledger()).length]).toEqual(before);
  });
});

const NOTHING = {
  request_count: 0,
  total_tokens: 0,
  cached_input_tokens: 0,
  total_cost_usd: 0,
  total_cost_status: 'priced',
  limits: [],
  upstream_limits: [],
};

describe('GET /v1/usage', () => {
  it('is nothing for a key that was not used', async () => {
    const { key } = await newPool(gateway, upstream, []);
    expect(await jsonOf(await get('/v1/usage', key))).toEqual({ status: 200, body: NOTHING });
  });

  it('is what the key’s own calls of 28 days came to; unknown usage is in no sum', async () => {
    const key = await newKey();
    const spend = async (used: Usage | null): Promise<unknown> => {
      upstream.replyWith(say('Hello', { usage: used }));
      const answer = await gateway.post(ask(), { headers: bearer(key) });
      await answer.text();
      return (await settlementOf(gateway, answer))['key_id'];
    };
    await spend(usage(100, 40, 20, 5));
    const keyId = await spend(null);
    for (const [daysAgo, tokens] of [
      [27, 7],
      [28, 1_000],
    ]) {
      const midnight = `date_trunc('day', now(), 'UTC') - ${String(daysAgo)} * interval '1 day'`;
      const counters = USAGE_COUNTERS.map((name) => (name === 'calls' ? 1 : name === 'output' ? tokens : 0));
      const sql = `
        INSERT INTO usage_delta (hour, pool_id, key_id, model, ${USAGE_COUNTERS.join(', ')})
        VALUES (${midnight}, $1, $2, 'gpt-5.5', ${counters.join(', ')})`;
      await gateway.database().query(sql, [gateway.pool.id, keyId]);
    }
    const { body } = await jsonOf(await get('/v1/usage', key));
    expect(body).toMatchObject({ request_count: 3, total_tokens: 127, cached_input_tokens: 40 });
  });

  it('tells of the upstream’s windows that they are there and when they begin anew, and nothing of any account', async () => {
    const resetsAtMs = Date.now() + 3_600_000;
    const account = { primary: { usedPercent: 20, resetsAtMs }, secondary: { usedPercent: 50, resetsAtMs } };
    const { key } = await newPool(gateway, upstream, [account]);
    await gateway.get(JobProducer).add(QUEUES.usage, USAGE_DUE_JOB, {});
    const limit = {
      limit_type: 'percent',
      max_value: null,
      current_value: null,
      remaining_value: null,
      model_filter: null,
      reset_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
      source: 'upstream_usage',
    };
    await eventually(async () => {
      expect((await jsonOf(await get('/v1/usage', key))).body['upstream_limits']).toEqual([
        { ...limit, limit_window: '5h' },
        { ...limit, limit_window: '7d' },
      ]);
    });
  });

  it.each(['?days=7', '?api_key=x', '?days'])('refuses the query %s', async (query) => {
    expect(await jsonOf(await get(`/v1/usage${query}`))).toMatchObject({
      status: 400,
      body: {
        error: { type: 'invalid_request_error', code: 'unsupported_parameter', param: /\w+/.exec(query)?.[0] },
      },
    });
  });

  it('makes no call and leaves no row', async () => {
    const before = [upstream.count('responses'), (await gateway.ledger()).length];
    expect((await get('/v1/usage?')).status).toBe(200);
    expect([upstream.count('responses'), (await gateway.ledger()).length]).toEqual(before);
  });
});
