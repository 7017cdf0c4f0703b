import { createHash, randomUUID } from 'node:crypto';
import type { AccountId, PoolId } from '../../src/core/index.js';
import { loadConfig } from '../../src/platform/config/index.js';
import { JobProducer, QUEUES } from '../../src/platform/queue/index.js';
import { AccountChanges } from '../../src/upstream/account-changes.service.js';
import { CatalogRefresh } from '../../src/upstream/catalog-refresh.service.js';
import { AccountService } from '../../src/upstream/index.js';
import { DUE_JOB } from '../../src/upstream/jobs.js';
import { eventually } from '../support/eventually.js';
import { ask, hello, useGateway } from '../support/gateway.js';
import { newPool, type TestPool } from '../support/pools.js';
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

afterEach(() => {
  upstream.catalogue = CATALOGUE;
});

it('lists what the accounts of the Pool may use, merged, sorted, each entry as the upstream gave it', async () => {
  const team = await newPool(gateway, upstream, [
    { models: ['gpt-5.5', 'gpt-5.4'] },
    { models: ['gpt-5.5', 'gpt-6.1-sol', 'codex-auto-review'] },
  ]);

  const { text, slugs } = await list(team.key);

  expect(slugs).toEqual(['codex-auto-review', 'gpt-5.4', 'gpt-5.5', 'gpt-6.1-sol']);
  const given = CATALOGUE.filter(({ slug }) => slugs.includes(slug)).sort((a, b) => (a.slug < b.slug ? -1 : 1));
  expect(JSON.parse(text)).toMatchObject({ models: given });
});

it('lists the same for SDKs, but for models that a CLI does not show either', async () => {
  const { text } = await list();
  const { models, object, data } = JSON.parse(text) as { models: CatalogueEntry[]; object: string; data: object[] };

  const shown = models.filter(({ visibility }) => visibility === 'list').map(({ slug }) => slug);
  expect(shown.length).toBeLessThan(models.length);
  const created: unknown = expect.any(Number);
  expect([object, data]).toEqual([
    'list',
    shown.map((id) => ({ id, object: 'model', created, owned_by: 'codex-pooler' })),
  ]);
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
  const team = await newPool(gateway, upstream, [{}]);

  expect((await list(team.key)).slugs).toEqual([good?.slug]);
});

it('fills in what older entries lack and a CLI insists on', async () => {
  upstream.catalogue = [{ slug: 'gpt-bare', unknown_field: { keep: [1] } }];
  const team = await newPool(gateway, upstream, [{}]);

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
  expect((await list(empty.key)).text).toBe('{"models":[],"object":"list","data":[]}');
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

it('is 304 for who has it already', async () => {
  const { etag } = await list();
  const known = etag ?? '';
  const outcome = async (tag: string) => {
    const headers = { authorization: `Bearer ${gateway.key}`, 'if-none-match': tag };
    const answer = await fetch(`${gateway.url}${MODELS}`, { headers });
    return [answer.status, answer.headers.get('etag'), (await answer.text()).length > 0];
  };

  for (const tag of [known, known.replace('W/', ''), `"other", ${known}`, '*']) {
    expect(await outcome(tag)).toEqual([304, known, false]);
  }
  expect(await outcome('"other"')).toEqual([200, known, true]);
});

describe('when accounts cannot serve', () => {
  const change = async (sql: string, { accounts }: TestPool, which: number): Promise<void> => {
    const [row] = await gateway
      .database()
      .query<{ id: AccountId }[]>('SELECT id FROM upstream_account WHERE external_account_id = $1', [
        accounts[which]?.id,
      ]);
    if (!row) throw new Error('no such account');
    await gateway.database().query(sql, [row.id]);
    gateway.get(AccountChanges).announce(row.id);
  };
  const TWO = [{ models: ['gpt-5.5', 'gpt-5.4'] }, { models: ['gpt-5.5'] }];

  it.each([
    ['needs a new login', `UPDATE upstream_account SET status = 'login_required' WHERE id = $1`],
    ['is paused', `UPDATE upstream_account SET status = 'paused' WHERE id = $1`],
    ['is paused in this Pool', `UPDATE pool_account SET status = 'paused' WHERE account_id = $1`],
  ])('and one of them %s, the list is that of the others; of all of them, it stays', async (_, sql) => {
    const team = await newPool(gateway, upstream, TWO);
    await change(sql, team, 0);
    expect((await list(team.key)).slugs).toEqual(['gpt-5.5']);
    await change(sql, team, 1);
    expect((await list(team.key)).slugs).toEqual(['gpt-5.4', 'gpt-5.5']);
  });

  it('for a while only, the list stays', async () => {
    const team = await newPool(gateway, upstream, TWO);
    const before = await list(team.key);
    for (const account of team.accounts) account.exhaust(3_600);
    await (await team.post(ask())).text();
    expect((await team.post(ask())).status).toBe(429);
    expect(await list(team.key)).toEqual(before);
  });

  it('and do not tell their models any more, the list stays (trap 46)', async () => {
    const team = await newPool(gateway, upstream, TWO);
    const before = await list(team.key);
    for (const account of team.accounts) account.killLogin();
    const ids = (await team.snapshot()).map(({ id }) => id);
    for (const id of ids) await expect(gateway.get(CatalogRefresh).run(id)).rejects.toThrow();
    expect(await list(team.key)).toEqual(before);
  });
});

describe('the worker', () => {
  const WITHIN = { withinMs: 10_000 };
  const imported = async (text: string, label: string, poolId: PoolId) =>
    (await gateway.get(AccountService).importAuthJson(text, { label, poolId })).account.id;

  it('reads the models of an account soon after it was imported, and again after a new login', async () => {
    const team = await newPool(gateway, upstream, []);
    const account = upstream.addAccount({ accountId: randomUUID() });
    await imported(account.login.authJson, account.id, team.pool.id);
    await eventually(async () => expect((await list(team.key)).slugs).toContain('gpt-5.5'), WITHIN);

    upstream.catalogue = CATALOGUE.slice(0, 1);
    try {
      await imported(account.rotate().authJson, account.id, team.pool.id);
      await eventually(async () => expect((await list(team.key)).slugs).toHaveLength(1), WITHIN);
    } finally {
      upstream.catalogue = CATALOGUE;
    }
  });

  it('reads them again every quarter of an hour, as the client version that is configured (trap 46)', async () => {
    const team = await newPool(gateway, upstream, [{ models: ['gpt-5.5'] }]);
    const [account] = await team.snapshot();
    const reads = upstream.count('models');
    await gateway
      .database()
      .query(`UPDATE upstream_account SET catalog_refreshed_at = now() - interval '16 min' WHERE id = $1`, [
        account?.id,
      ]);

    await gateway.get(JobProducer).add(QUEUES.tokenRefresh, DUE_JOB, {});

    await eventually(async () => expect(upstream.count('models')).toBe(reads + 1), WITHIN);
    const { UPSTREAM_CLIENT_VERSION } = loadConfig({});
    expect(upstream.requests('models').at(-1)?.query).toBe(`client_version=${UPSTREAM_CLIENT_VERSION}`);
  });
});

it('is 401 without a key', async () => {
  for (const path of [MODELS, ALIAS]) {
    const answer = await fetch(`${gateway.url}${path}`);
    expect([answer.status, await answer.json()]).toMatchObject([401, { error: { code: 'api_key_missing' } }]);
  }
});
