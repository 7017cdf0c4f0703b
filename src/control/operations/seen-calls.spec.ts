import { ask, hello, useGateway } from '../../../test/support/gateway.js';
import { anActor, controlOf } from '../../../test/support/control.js';
import { eventually } from '../../../test/support/eventually.js';
import { newPool, type TestPool } from '../../../test/support/pools.js';
import { hold, ScriptedUpstream } from '../../../test/support/scripted-upstream/index.js';

// A whole gateway starts: a busy machine takes its time.
jest.setTimeout(60_000);

type Item = Readonly<Record<string, unknown>>;
interface Page {
  readonly items: readonly Item[];
  readonly next?: string;
}

const CALLS = 5;

describe('what is seen of calls', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream });
  const { run, told } = controlOf(() => gateway);
  const page = (name: string, input: object = {}, actor = anActor()) => told<Page>(name, input, actor);
  let team: TestPool;
  let other: TestPool;
  const bound = () => anActor({ poolIds: [team.pool.id] });

  const allOf = async (name: string, input: object, between = async (): Promise<void> => undefined) => {
    const items: Item[] = [];
    let after: string | undefined;
    do {
      const found: Page = await page(name, { ...input, limit: 2, ...(after === undefined ? {} : { after }) });
      items.push(...found.items);
      after = found.next;
      await between();
    } while (after !== undefined);
    return items;
  };
  const served = async (pool: TestPool, session: string): Promise<void> => {
    upstream.replyWith(hello());
    const answer = await pool.post(ask(), { headers: { session_id: session } });
    expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)]);
  };

  beforeAll(async () => {
    team = await newPool(gateway, upstream, [{}]);
    other = await newPool(gateway, upstream, [{}]);
    for (let call = 0; call < CALLS; call += 1) await served(team, `session-${call}`);
    await served(other, 'session-0');
    await eventually(async () => {
      const sql = 'SELECT count(*)::int AS n FROM ledger_entry';
      expect(await gateway.database().query<object[]>(sql)).toEqual([{ n: CALLS + 1 }]);
    });
  });

  it('is their use, by what is asked for, and of a bound token’s Pools only', async () => {
    const all = await page('usage.report', { groupBy: ['pool'] });
    expect(all.items.map(({ pool, calls }) => [pool, calls]).sort()).toEqual(
      [
        [team.pool.slug, CALLS],
        [other.pool.slug, 1],
      ].sort(),
    );
    expect((await page('usage.report', { groupBy: ['pool'] }, bound())).items).toMatchObject([
      { pool: team.pool.slug },
    ]);
    expect((await page('usage.report', { groupBy: [] }, bound())).items).toMatchObject([
      { calls: CALLS, costStatus: 'priced', costUsd: expect.stringMatching(/^\d+\.\d+$/) as unknown },
    ]);
    const [most] = (await page('usage.report', { groupBy: ['key'], sort: 'used', limit: 1 })).items;
    expect(most).toMatchObject({ calls: CALLS });
    expect(await allOf('usage.report', { groupBy: ['pool', 'key', 'account', 'model', 'hour'] })).toHaveLength(2);
  });

  it.each([
    [{ from: '2026-01-01T01:00:00Z' }, 'must be a UTC day'],
    [{ from: '2026-01-01T01:30:00Z', groupBy: ['hour'] }, 'must be a full hour'],
    [{ from: '2026-01-02', to: '2026-01-02' }, 'must be later than from'],
    [{ sort: 'used', after: 'x' }, 'there is none after it'],
    [{ after: 'x' }, 'no cursor'],
    [{ pool: 'nobody' }, 'There is no Pool "nobody".'],
  ])('is no use for %j', async (input, why) => {
    await expect(run('usage.report', input)).rejects.toThrow(why);
  });

  it('is each of them once, page after page, while others come', async () => {
    const known = (await page('requests.list', { pool: team.pool.slug })).items.map(({ id }) => id);
    const paged = await allOf('requests.list', { pool: team.pool.slug }, () => served(team, 'session-0'));
    expect(paged.map(({ id }) => id)).toEqual(known);
    expect(paged[0]).toMatchObject({ pool: team.pool.slug, status: 'succeeded', attemptCount: 1 });
    expect((await page('requests.list', { until: '2026-01-01' })).items).toEqual([]);
  });

  it('is one of them in full, for those who see its Pool', async () => {
    const [item] = (await page('requests.list', { pool: team.pool.slug, status: 'succeeded' })).items;
    const { output } = await run('requests.get', { request: item?.['id'] }, bound());
    expect(output).toMatchObject({ id: item?.['id'], attempts: [{ number: 1, status: 'succeeded' }] });
    expect(output).toMatchObject({
      decision: { strategy: 'balanced' },
      usage: { totalTokens: expect.any(Number) as unknown },
    });
    const [foreign] = (await page('requests.list', { pool: other.pool.slug })).items;
    for (const request of [foreign?.['id'], foreign?.['requestId'], 'nothing']) {
      await expect(run('requests.get', { request }, bound())).rejects.toMatchObject({ code: 'not_found' });
      await expect(run('explain.request', { request }, bound())).rejects.toMatchObject({ code: 'not_found' });
    }
    expect(await told('explain.request', { request: item?.['requestId'] })).toMatchObject({
      request: { id: item?.['id'] },
    });
  });

  it('is what is open now, and whose it is', async () => {
    const held = hold();
    upstream.replyWith(held);
    const asking = team.post(ask());
    await held.start();
    const account = team.accounts[0]?.id;
    const open = await eventually(async () => {
      const { items } = await page('streams.list', { pool: team.pool.slug });
      expect(items).toMatchObject([{ account, keyLabel: 'test', attempts: 1, host: expect.any(String) as unknown }]);
      return items;
    });
    expect((await page('streams.list', {}, anActor({ poolIds: [other.pool.id] }))).items).toEqual([]);
    expect(await told('streams.counts', { account })).toMatchObject({
      open: 1,
      pools: [{ name: team.pool.slug, open: 1 }],
      keys: [{ name: 'test', open: 1 }],
      accounts: [{ name: account, open: 1 }],
    });
    await held.text('Hello');
    await held.finish();
    await (await asking).text();
    await eventually(async () => expect((await page('streams.list', {})).items).toEqual([]));
    expect(open).toHaveLength(1);
  });

  it('is the sessions that they are of, each with its account, and nothing of their names', async () => {
    const sessions = await allOf('sessions.list', { pool: team.pool.slug });
    expect(new Set(sessions.map(({ id }) => id)).size).toBe(sessions.length);
    expect(sessions).toHaveLength(CALLS);
    const account = team.accounts[0]?.id;
    for (const session of sessions) expect(session).toMatchObject({ home: account, account, openCalls: 0 });
    expect(JSON.stringify(sessions)).not.toContain('session-');
    expect((await page('sessions.list', {}, anActor({ poolIds: [other.pool.id] }))).items).toHaveLength(1);
    expect((await page('sessions.list', { account: other.accounts[0]?.id })).items).toHaveLength(1);
    await expect(run('sessions.list', { after: 'x' })).rejects.toMatchObject({ code: 'invalid_input' });
  });

  it('is where one would go, in Pools that the token sees', async () => {
    const question = { pool: team.pool.slug, model: 'gpt-5.5' };
    expect(await told('explain.route', question, bound())).toMatchObject({
      pool: { slug: team.pool.slug },
      decision: { candidates: [{ label: team.accounts[0]?.id }] },
    });
    const refused = run('explain.route', { ...question, pool: other.pool.slug }, bound());
    await expect(refused).rejects.toMatchObject({ code: 'not_found' });
    await expect(run('explain.route', { pool: team.pool.slug })).rejects.toMatchObject({ code: 'unprocessable' });
  });
});
