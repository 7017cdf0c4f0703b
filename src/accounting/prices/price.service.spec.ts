import { useDatabase } from '../../../test/support/database.js';
import { eventually } from '../../../test/support/eventually.js';
import { MemorySharedState } from '../../platform/shared-state/index.js';
import { BUILT_IN_PRICES } from './built-in-prices.js';
import { PriceImportService } from './price-import.service.js';
import { PriceRepository, type NewOverride } from './price.repository.js';
import { PriceService } from './price.service.js';

const usage = { inputUncached: 1_000, inputCached: 0, cacheWrite: 0, output: 0, reasoning: 0 };
const own = (input: number, more: Partial<NewOverride> = {}): NewOverride => ({
  model: 'gpt-5.5',
  tier: 'default',
  band: 'default',
  rates: { input, output: input },
  source: 'test',
  ...more,
});

describe('prices', () => {
  const database = useDatabase();
  const shared = new MemorySharedState(() => 0);
  const open: PriceService[] = [];
  const service = (repository = new PriceRepository(database.dataSource())): PriceService => {
    const prices = new PriceService(repository, shared);
    open.push(prices);
    return prices;
  };
  const imported = (more: object, options?: { force: boolean }) => {
    const repository = new PriceRepository(database.dataSource());
    return new PriceImportService(repository, service(repository)).import(JSON.stringify(more), 'test', options);
  };
  const list = (version: string, models: object, more: object = {}) => ({
    version,
    sources: [],
    longContextAbove: 272_000,
    models,
    ...more,
  });
  const tiers = (input: string) => ({ tiers: { default: { default: { input, output: '30' } } } });
  /** Enough models for a list to be believed. */
  const many = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`m-${at}`, tiers('1')]));

  beforeEach(() => database.dataSource().query('TRUNCATE model_price, price_feed RESTART IDENTITY'));
  afterEach(() => Promise.all(open.splice(0).map((prices) => prices.onModuleDestroy())));

  it('are those that we ship while nothing else is known', async () => {
    const prices = service();
    await prices.onModuleInit();
    expect(prices.costOf({ model: 'gpt-5.5', usage })).toEqual({
      status: 'priced',
      nanoUsd: 5_000_000,
      priceVersion: BUILT_IN_PRICES.version,
    });
  });

  it('show a change within seconds that nobody told of, and are not read again without one', async () => {
    const repository = new PriceRepository(database.dataSource());
    const read = jest.spyOn(repository, 'overrides');
    const prices = service(repository);
    await prices.onModuleInit();
    await prices.look();
    const reads = read.mock.calls.length;
    await prices.look();
    expect(read).toHaveBeenCalledTimes(reads);
    await new PriceRepository(database.dataSource()).addOverride(own(7_000));
    await prices.look();
    expect(prices.costOf({ model: 'gpt-5.5', usage })).toMatchObject({ nanoUsd: 7_000 });
    jest.spyOn(repository, 'newest').mockRejectedValue(new Error('away'));
    await expect(prices.look()).resolves.toBeUndefined();
  });

  it('go on as they were last known while the database is away', async () => {
    const repository = new PriceRepository(database.dataSource());
    const prices = service(repository);
    await repository.addOverride(own(7_000));
    await prices.onModuleInit();
    repository.overrides = () => Promise.reject(new Error('away'));
    await expect(prices.refresh()).rejects.toThrow('away');
    expect(prices.costOf({ model: 'gpt-5.5', usage }).nanoUsd).toBe(7_000);
    const fresh = service(repository);
    await fresh.onModuleInit();
    expect(fresh.estimateOf('gpt-5.5', undefined, { input: 1_000, output: 0 }).nanoUsd).toBe(5_000_000);
  });

  it('that are changed in one process are heard of in another, and have a version of their own', async () => {
    const [here, there] = [service(), service()];
    await Promise.all([here.onModuleInit(), there.onModuleInit()]);
    const id = await new PriceRepository(database.dataSource()).addOverride(own(9_000));
    expect((await here.changed()).priceVersion).toBe(`${BUILT_IN_PRICES.version}+o${id}`);
    await eventually(() => expect(there.costOf({ model: 'gpt-5.5', usage }).nanoUsd).toBe(9_000));
  });

  it('of the operator only ever grow: a change is a row, and so is its end', async () => {
    const repository = new PriceRepository(database.dataSource());
    const prices = service(repository);
    await Promise.all([repository.addOverride(own(1_000)), repository.addOverride(own(2_000))]);
    const { rates: _, ...ended } = own(0);
    const last = await repository.addOverride(ended);
    expect((await prices.refresh()).priceVersion).toBe(`${BUILT_IN_PRICES.version}+o${last}`);
    expect(prices.costOf({ model: 'gpt-5.5', usage }).nanoUsd).toBe(5_000_000);
    const rows = await database
      .dataSource()
      .query<{ sorted: boolean }[]>(
        'SELECT effective_from >= lag(effective_from, 1, effective_from) OVER (ORDER BY id) AS sorted FROM model_price',
      );
    expect(rows).toEqual([{ sorted: true }, { sorted: true }, { sorted: true }]);
  });

  it('of a newer list that is imported hold, under what the operator set', async () => {
    const prices = service();
    await new PriceRepository(database.dataSource()).addOverride(own(3_000, { model: 'm-1' }));
    const told = await imported(list('2099-01-02', { ...many, 'gpt-5.5': tiers('6') }));
    expect(told).toMatchObject({ version: '2099-01-02', models: 61, imported: true, added: 60, changed: 1 });
    await prices.refresh();
    expect(prices.costOf({ model: 'gpt-5.5', usage })).toMatchObject({
      nanoUsd: 6_000_000,
      priceVersion: '2099-01-02+o1',
    });
    expect(prices.costOf({ model: 'm-1', usage }).nanoUsd).toBe(3_000);
  });

  it('of the newest list hold, by its number of the day', async () => {
    const prices = service();
    await imported(list('2099-01-02.2', { ...many, 'gpt-5.5': tiers('6') }));
    await imported(list('2099-01-02.10', { ...many, 'gpt-5.5': tiers('7') }));
    expect((await prices.refresh()).version).toBe('2099-01-02.10');
  });

  it('that are imported again change nothing', async () => {
    const next = list('2099-01-02', many);
    await imported(next);
    expect(await imported(next)).toMatchObject({ imported: false });
  });

  it.each([
    ['are no list', {}, 'It is no price list'],
    ['are older than those in use', list('2020-01-01', many), 'It is older (2020-01-01)'],
    ['leap', list('2099-01-02', { ...many, 'gpt-5.5': tiers('51') }), 'gpt-5.5: default default input rises'],
    ['fall', list('2099-01-02', { ...many, 'gpt-5.5': tiers('0.4') }), 'gpt-5.5: default default input drops'],
    ['are too few', list('2099-01-02', { 'gpt-5.5': tiers('5') }), 'it holds 1 models where'],
    ['are others under the version that we ship', list(BUILT_IN_PRICES.version, many), 'another list of the version'],
  ])('that %s are refused with the reason, and change nothing', async (_, next, why) => {
    await expect(imported(next)).rejects.toThrow(why);
    expect(await database.dataSource().query('SELECT FROM price_feed')).toEqual([]);
  });

  it('under a version that has other prices already are refused', async () => {
    await imported(list('2099-01-02', many));
    await expect(imported(list('2099-01-02', { ...many, x: tiers('1') }), { force: true })).rejects.toThrow(
      'another list of the version 2099-01-02',
    );
  });

  it('that look wrong are believed when the operator says so', async () => {
    const told = await imported(list('2099-01-02', { 'gpt-5.5': tiers('500') }), { force: true });
    expect(told.imported).toBe(true);
  });
});
