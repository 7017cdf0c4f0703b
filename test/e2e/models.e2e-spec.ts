import { createHash } from 'node:crypto';
import { ask, hello, useGateway } from '../support/gateway.js';
import { newPool } from '../support/pools.js';
import { CATALOGUE, ScriptedUpstream, type CatalogueEntry } from '../support/scripted-upstream/index.js';

const MODELS = '/backend-api/codex/models';
const ALIAS = '/backend-api/codex/v1/models';

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream });

interface Listed {
  readonly text: string;
  readonly etag: string | null;
  readonly slugs: readonly string[];
}

async function list(key = gateway.key, path = MODELS): Promise<Listed> {
  const answer = await fetch(`${gateway.url}${path}`, { headers: { authorization: `Bearer ${key}` } });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
  const text = await answer.text();
  const { models } = JSON.parse(text) as { models: CatalogueEntry[] };
  return { text, etag: answer.headers.get('etag'), slugs: models.map(({ slug }) => slug) };
}

it('lists what the accounts of the Pool may use, merged, sorted, each entry as the upstream gave it', async () => {
  const team = await newPool(gateway, upstream, [
    { models: ['gpt-5.5', 'gpt-5.4'] },
    { models: ['gpt-5.5', 'gpt-6.1-sol', 'codex-auto-review'] },
  ]);

  const { text, slugs } = await list(team.key);

  expect(slugs).toEqual(['codex-auto-review', 'gpt-5.4', 'gpt-5.5', 'gpt-6.1-sol']);
  const given = CATALOGUE.filter(({ slug }) => slugs.includes(slug)).sort((a, b) => (a.slug < b.slug ? -1 : 1));
  expect(JSON.parse(text)).toEqual({ models: given });
});

it('has an ETag over the very bytes, the same at each time, for both paths and whatever the query', async () => {
  const first = await list();
  const digest = createHash('sha256').update(first.text).digest('hex');

  expect(first.etag).toBe(`W/"cp-models-v1-${digest}"`);
  for (const path of [MODELS, ALIAS, `${MODELS}?client_version=0.169.0`, `${ALIAS}?x=%00`]) {
    expect(await list(gateway.key, path)).toEqual(first);
  }
});

it('tells streams the ETag of the list, so that a CLI knows when to read it again', async () => {
  const { etag } = await list();
  upstream.replyWith(hello(), hello());

  const stream = await gateway.post(ask());
  const whole = await gateway.post(ask({ stream: false }));
  await Promise.all([stream.text(), whole.text()]);

  expect([stream.headers.get('x-models-etag'), whole.headers.get('x-models-etag')]).toEqual([etag, null]);
});

it('has another ETag for other models', async () => {
  const team = await newPool(gateway, upstream, [{ models: ['gpt-5.5'] }]);
  const { etag, slugs } = await list(team.key);

  expect(slugs).toEqual(['gpt-5.5']);
  expect(etag).not.toBe((await list()).etag);
});

it.each<[string, object]>([
  ['a field that no CLI can read', { priority: 'high' }],
  ['an unknown kind of shell', { shell_type: 'telepathy' }],
  ['half a reasoning level', { supported_reasoning_levels: [{ effort: 'low' }] }],
])('drops an entry with %s, not the list', async (_, damage) => {
  const [good, bad] = CATALOGUE;
  upstream.catalogue = [good, { ...bad, ...damage }].map((entry) => ({ slug: '', ...entry }));
  const team = await newPool(gateway, upstream, [{}]).finally(() => (upstream.catalogue = CATALOGUE));

  expect((await list(team.key)).slugs).toEqual([good?.slug]);
});

it('fills in what older entries lack and a CLI insists on', async () => {
  upstream.catalogue = [{ slug: 'gpt-bare', unknown_field: { keep: [1] } }];
  const team = await newPool(gateway, upstream, [{}]).finally(() => (upstream.catalogue = CATALOGUE));

  const { text } = await list(team.key);

  const [entry] = (JSON.parse(text) as { models: CatalogueEntry[] }).models;
  expect(entry).toMatchObject({
    slug: 'gpt-bare',
    display_name: 'gpt-bare',
    unknown_field: { keep: [1] },
    supported_reasoning_levels: [],
    supports_parallel_tool_calls: false,
    visibility: 'list',
  });
});

it('is empty in a Pool without accounts', async () => {
  const empty = await newPool(gateway, upstream, []);
  expect((await list(empty.key)).text).toBe('{"models":[]}');
});

it('serves a model only through the accounts that list it', async () => {
  const team = await newPool(gateway, upstream, [{ models: ['gpt-5.4'] }, { models: ['gpt-5.5'] }]);
  upstream.replyWith(hello(), hello());

  for (const model of ['gpt-5.4', 'gpt-5.5']) await (await team.post(ask({ model }))).text();

  const [first, second] = upstream.received.slice(-2).map(({ accountId }) => accountId);
  expect([first, second]).toEqual(team.accounts.map(({ id }) => id));
});

it('makes no upstream call and leaves no request row', async () => {
  const [calls, rows] = [upstream.count('models'), (await gateway.ledger()).length];
  await list();
  expect([upstream.count('models'), (await gateway.ledger()).length]).toEqual([calls, rows]);
});

it('is 401 without a key', async () => {
  for (const path of [MODELS, ALIAS]) {
    const answer = await fetch(`${gateway.url}${path}`);
    expect([answer.status, await answer.json()]).toMatchObject([401, { error: { code: 'api_key_missing' } }]);
  }
});
