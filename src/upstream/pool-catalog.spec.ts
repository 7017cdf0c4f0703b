import { createHash } from 'node:crypto';
import { poolCatalog } from './pool-catalog.js';

const model = (slug: string, rest: object = {}) => ({
  slug,
  since: 1_760_000_000,
  entry: { slug, visibility: 'list', supported_in_api: true, ...rest },
});

describe('the list that clients get', () => {
  it('serves CLIs and SDKs with one object', () => {
    const models = [model('a'), model('hidden', { visibility: 'hide' }), model('app', { supported_in_api: false })];
    expect(JSON.parse(poolCatalog(models).body)).toEqual({
      models: models.map(({ entry }) => entry),
      object: 'list',
      data: [{ id: 'a', object: 'model', created: 1_760_000_000, owned_by: 'codex-pooler' }],
    });
  });

  it('tells CLIs nothing of a model that is but a name, and SDKs that it is there', () => {
    const { models, data } = JSON.parse(poolCatalog([model('a'), model('b', { object: 'model' })]).body) as {
      models: { slug: string }[];
      data: { id: string }[];
    };
    expect([models.map(({ slug }) => slug), data.map(({ id }) => id)]).toEqual([['a'], ['a', 'b']]);
  });

  it('has a weak tag over its very bytes', () => {
    const { body, etag } = poolCatalog([model('a')]);
    expect(etag).toBe(`W/"cp-models-v1-${createHash('sha256').update(body).digest('hex')}"`);
    expect(poolCatalog([model('a')]).etag).toBe(etag);
    expect(poolCatalog([model('a', { n: 1 })]).etag).not.toBe(etag);
  });
});
