import { KeyAdminService } from '../../src/auth/index.js';
import { eventually } from '../support/eventually.js';
import { ask, hello, useGateway } from '../support/gateway.js';
import { refusal } from '../support/http-app.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';

const MODELS = '/backend-api/codex/models';
const IMAGES = '/backend-api/codex/images/generations';
const CHANGED_WITHIN = { withinMs: 3_000 };

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream });

describe('a key that is limited to models', () => {
  let key = '';
  beforeAll(async () => {
    const allowedModels = ['GPT-5.5 ', 'gpt-image-2', 'unlisted'];
    ({ token: key } = await gateway.get(KeyAdminService).createKey(gateway.pool.id, 'limited', { allowedModels }));
  });
  const bearer = () => ({ authorization: `Bearer ${key}` });
  const post = (body: unknown, path?: string) =>
    gateway.post(body, { headers: bearer(), ...(path === undefined ? {} : { path }) });
  const list = async (headers: Record<string, string>) => {
    const answer = await fetch(`${gateway.url}${MODELS}`, { headers });
    const { models, data } = (await answer.json()) as { models: { slug: string }[]; data: { id: string }[] };
    return { slugs: models.map(({ slug }) => slug), ids: data.map(({ id }) => id), etag: answer.headers.get('etag') };
  };

  it('sees those only in the list, under a tag of its own', async () => {
    const whole = await list({ authorization: `Bearer ${gateway.key}` });
    const own = await list(bearer());
    expect(own).toMatchObject({ slugs: ['gpt-5.5'], ids: ['gpt-5.5'] });
    expect(whole.slugs.length).toBeGreaterThan(1);
    expect(own.etag).not.toBe(whole.etag);
  });

  it('is told that tag by its streams', async () => {
    upstream.replyWith(hello());
    const answer = await post(ask());
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('response.completed')]);
    expect(answer.headers.get('x-models-etag')).toBe((await list(bearer())).etag);
  });

  it.each(['gpt-5.5', 'GPT-5.5', ' gpt-5.5 '])('may ask for %j', async (model) => {
    upstream.replyWith(hello());
    const answer = await post(ask({ model }));
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('response.completed')]);
  });

  it.each([
    ['another model', ask({ model: 'gpt-5.4' }), undefined],
    ['another model, whole', ask({ model: 'gpt-5.4', stream: false }), undefined],
    ['a model that nobody knows', ask({ model: 'gpt-5.5-nano' }), undefined],
    ['another model, by the alias', ask({ model: 'gpt-5.4' }), '/backend-api/codex/v1/responses'],
    ['another image model', { model: 'gpt-image-1', prompt: 'a red square' }, IMAGES],
  ])('may not ask for %s: 403, a row, and no upstream call', async (_, body, path) => {
    const calls = [upstream.count('responses'), upstream.count('other')];
    const answer = await post(body, path);
    expect([answer.status, await answer.json()]).toEqual([403, refusal('model_not_allowed', 'model')]);
    const row = await eventually(async () => {
      const settled = await gateway.settled(answer.headers.get('x-request-id') ?? '');
      if (!settled) throw new Error('not settled yet');
      return settled;
    });
    expect(row).toMatchObject({
      status: 'rejected',
      http_status: 403,
      error_code: 'model_not_allowed',
      blame: 'client',
      attempt_count: 0,
      usage_known: false,
    });
    expect([upstream.count('responses'), upstream.count('other')]).toEqual(calls);
  });

  it('is told of a model that it may use and nobody serves by another code', async () => {
    const answer = await post(ask({ model: 'unlisted' }));
    expect([answer.status, await answer.json()]).toEqual([400, refusal('invalid_model', 'model')]);
  });

  it('is limited to others as soon as that is decided', async () => {
    const keys = gateway.get(KeyAdminService);
    const { token } = await keys.createKey(gateway.pool.id, 'moving', { allowedModels: ['gpt-5.4'] });
    const status = async (model: string) => {
      const answer = await gateway.post(ask({ model }), { headers: { authorization: `Bearer ${token}` } });
      await answer.text();
      return answer.status;
    };
    expect([await status('gpt-5.5'), await status('gpt-5.4')]).toEqual([403, 200]);
    await keys.ensureKey(gateway.pool.id, 'moving', { allowedModels: ['gpt-5.5'] });
    await eventually(
      async () => expect([await status('gpt-5.5'), await status('gpt-5.4')]).toEqual([200, 403]),
      CHANGED_WITHIN,
    );
    await keys.ensureKey(gateway.pool.id, 'moving', { allowedModels: null });
    await eventually(
      async () => expect([await status('gpt-5.5'), await status('gpt-5.4')]).toEqual([200, 200]),
      CHANGED_WITHIN,
    );
  });
});
