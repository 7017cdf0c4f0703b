import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { useGateway } from '../../../test/support/gateway.js';
import { anActor, controlOf } from '../../../test/support/control.js';
import { eventually } from '../../../test/support/eventually.js';
import { ScriptedUpstream } from '../../../test/support/scripted-upstream/index.js';

// A whole gateway starts: a busy machine takes its time.
jest.setTimeout(60_000);

const LIST = readFileSync(join(__dirname, '../../accounting/prices/openai.json'), 'utf8');
const PRICE = { model: 'Acme*', input: '1.25', output: '10' };

interface Page {
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly next?: string;
}

describe('what is seen of an installation', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream, env: { OPERATOR_IP_ALLOW_LIST: '127.0.0.1' } });
  const { run, told, dry, audit } = controlOf(() => gateway);
  const bound = () => anActor({ poolIds: [gateway.pool.id] });
  const prices = (model: string) => told<Page>('prices.list', { model });

  it('is its prices, page after page, each once', async () => {
    const all = await told<Page>('prices.list', { limit: 1_000 });
    const paged: unknown[] = [];
    let after: string | undefined;
    do {
      const page: Page = await told<Page>('prices.list', { limit: 97, ...(after === undefined ? {} : { after }) });
      paged.push(...page.items);
      after = page.next;
    } while (after !== undefined);
    expect(paged).toEqual(all.items);
  });

  it('is a price of one’s own, until it is taken back', async () => {
    const { output } = await run('prices.set', PRICE);
    expect(output).toMatchObject({ model: 'acme*', tier: 'default', rates: { input: '1.25', output: '10.00' } });
    const [begun] = await audit();
    expect(begun).toMatchObject({ action: 'price.set', outcome: 'success', target_id: 'acme*' });
    expect((await prices('acme*')).items).toMatchObject([{ own: 1, above: null }]);
    await expect(run('prices.set', PRICE, anActor(), { ifMatch: '"other"' })).rejects.toMatchObject({
      code: 'precondition_failed',
    });
    expect((await dry('prices.unset', { model: 'acme*' })).effects).toHaveLength(1);
    expect((await prices('acme*')).items).toHaveLength(1);
    await run('prices.unset', { model: 'acme*' });
    expect((await prices('acme*')).items).toEqual([]);
    await expect(run('prices.unset', { model: 'acme*' })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is a newer price list, tried dry before it holds', async () => {
    const list = LIST.replace(/"version": "[^"]+"/, '"version": "2099-01-01"');
    expect((await dry('prices.import', { list })).effects).toEqual([
      expect.stringMatching(/^Prices of 2099-01-01 would hold: \d+ models; 0 new, 0 changed, 0 gone\.$/),
    ]);
    expect(await told('prices.list')).not.toMatchObject({ priceVersion: expect.stringMatching(/^2099/) as unknown });
    await run('prices.import', { list, source: 'spec' });
    expect(await told('prices.list')).toMatchObject({ priceVersion: expect.stringMatching(/^2099-01-01/) as unknown });
    const kept = JSON.stringify(await audit());
    expect(kept).toContain('price.import');
    expect(kept).not.toContain('longContextAbove');
    for (const input of [{}, { list, url: 'https://prices.example.com' }]) {
      await expect(run('prices.import', input)).rejects.toMatchObject({ code: 'invalid_input' });
    }
    await expect(run('prices.import', { list: '{}' })).rejects.toMatchObject({ code: 'unprocessable' });
  });

  it('is what past calls would cost, which nobody bound may ask of all', async () => {
    const period = { from: '2026-01-01', to: '2026-01-02' };
    expect(await told('prices.compare', period)).toMatchObject({ calls: 0, changed: 0, models: [] });
    expect((await dry('prices.replay', period)).effects).toEqual(['0 of 0 calls would cost something else.']);
    expect(await told('prices.replay', { ...period, pool: 'test' }, bound())).toMatchObject({ calls: 0 });
    for (const name of ['prices.compare', 'prices.replay']) {
      await expect(run(name, period, bound())).rejects.toMatchObject({ code: 'forbidden' });
    }
    await expect(run('prices.compare', { ...period, to: period.from })).rejects.toMatchObject({
      code: 'invalid_input',
    });
  });

  it('is its settings: where they are from, and no secret', async () => {
    const { items } = await told<Page>('settings.list');
    const named = new Map(items.map((item) => [item['name'], item]));
    expect(named.get('OPERATOR_IP_ALLOW_LIST')).toMatchObject({ value: '127.0.0.1', source: 'environment' });
    expect(named.get('QUEUE_SIZE')).toMatchObject({ value: 256, source: 'default' });
    expect(named.get('DATABASE_URL')).toEqual({
      name: 'DATABASE_URL',
      value: 'set',
      secret: true,
      source: 'environment',
    });
    expect(named.get('API_KEY')).toMatchObject({ value: 'not set' });
    expect(JSON.stringify(items)).not.toContain('postgres');
  });

  it('is its jobs, of which one can be asked for now', async () => {
    const { items } = await told<Page>('jobs.list');
    expect(items.map(({ job }) => job)).toContain('maintenance/reconciliation');
    expect(await run('jobs.run', { job: 'reconciliation' })).toMatchObject({
      status: 202,
      output: { job: 'maintenance/reconciliation' },
    });
    const [event] = await audit();
    expect(event).toMatchObject({ action: 'job.run', outcome: 'success', target_id: 'maintenance/reconciliation' });
    await eventually(
      async () => {
        const runs = await told<Page>('jobs.runs', { job: 'maintenance/reconciliation', outcome: 'succeeded' });
        expect(runs.items).toHaveLength(1);
      },
      { withinMs: 20_000 },
    );
    expect((await told<Page>('jobs.queues')).items.length).toBeGreaterThan(2);
    await expect(run('jobs.run', { job: 'nothing' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(run('jobs.run', { job: 'sweep' })).rejects.toMatchObject({ code: 'conflict' });
  });

  it('is whether it is well, part by part', async () => {
    await eventually(
      async () => {
        expect(await told('health.get')).toMatchObject({
          status: 'ok',
          problems: [],
          schema: { current: true, missing: 0 },
          database: { answers: true },
          sharedState: { answers: true, reach: 'process' },
          processes: [{ openCalls: 0 }],
        });
      },
      { withinMs: 20_000 },
    );
  });

  it.each(['settings.list', 'jobs.list', 'jobs.runs', 'jobs.queues', 'health.get'])(
    'is not %s for a token that is bound to Pools',
    async (name) => {
      await expect(run(name, {}, bound())).rejects.toMatchObject({ code: 'forbidden' });
    },
  );

  it.each([
    ['prices.set', PRICE],
    ['prices.import', { list: LIST }],
    ['jobs.run', { job: 'reconciliation' }],
  ])('is no %s for a bound token, nor for one that only reads', async (name, input) => {
    await expect(run(name, input, bound())).rejects.toMatchObject({ code: 'forbidden' });
    await expect(run(name, input, anActor({ scopes: ['read'] }))).rejects.toMatchObject({ code: 'forbidden' });
  });
});
