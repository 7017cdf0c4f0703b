import type { GatewayError } from '../../core/index.js';
import { useCalendar } from '../../../test/support/clock.js';
import {
  BROKEN,
  CALL,
  failure,
  FIRST_EPOCH,
  useHealthProcesses,
  type Process,
} from '../../../test/support/health-processes.js';
import { aCall } from '../../../test/support/upstream-services.js';
import { OPEN_MS } from './circuit.js';

describe('the circuits of accounts', () => {
  const { database, one, two, many, seenBy, begin, begun, told, fails, shut, queries } = useHealthProcesses();
  const calendar = useCalendar();

  it('open a lane after three failures in a row, in every process at once', async () => {
    const [here, there] = await two();
    await fails(here, 2);
    expect([await shut(here), await shut(there)]).toEqual([undefined, undefined]);
    await fails(here, 1);
    for (const process of [here, there]) {
      expect(await shut(process)).toMatchObject({
        model: 'gpt-5.5',
        routeClass: 'stream',
        state: 'open',
        reason: 'upstream_error',
        sinceMs: Date.now(),
        untilMs: Date.now() + OPEN_MS,
        probing: false,
      });
      expect(await begin(process)).toBeUndefined();
    }
  });

  it('count the failures of all processes together', async () => {
    const [here, there] = await two();
    await fails(here, 1);
    await fails(there, 1);
    await fails(here, 1);
    expect([await shut(here), await shut(there)]).toMatchObject([{ state: 'open' }, { state: 'open' }]);
  });

  it('keep other models, other classes of routes and other accounts out of it', async () => {
    const here = await one();
    await fails(here, 3);
    expect(await shut(here, aCall({ model: 'GPT-5.5 ' }))).toBeDefined();
    expect(await shut(here, aCall({ model: 'gpt-5.4' }))).toBeUndefined();
    expect(await shut(here, aCall({ transport: 'websocket' }))).toBeUndefined();
    expect(await begin(here, aCall({ model: 'gpt-5.4' }))).toBeDefined();
  });

  it('treat models that nobody lists as one, so that clients cannot make up lanes', async () => {
    const here = await one();
    for (const model of ['a', 'b', 'c']) await fails(here, 1, BROKEN, aCall({ model }));
    expect(await shut(here, aCall({ model: 'd' }))).toMatchObject({ model: '' });
    expect(await shut(here)).toBeUndefined();
  });

  it('forget failures after a success, and write nothing for a success that has nothing to clear', async () => {
    const [here, there] = await two();
    (await begun(here)).succeeded();
    await told(here);
    await fails(here, 2);
    calendar.pass(1_001);
    await seenBy(there);
    const sent = await queries(async () => {
      for (let count = 0; count < 50; count += 1) (await begun(there)).succeeded();
      await told(there);
    });
    expect(sent.filter((sql) => sql.includes('account_lane AS known'))).toHaveLength(1);
    calendar.pass(1_001);
    await fails(here, 2);
    expect(await shut(here)).toBeUndefined();
  });

  it('cost nothing while all is well', async () => {
    const here = await one();
    const account = await seenBy(here);
    (await begun(here)).succeeded();
    const sent = await queries(async () => {
      for (let count = 0; count < 100; count += 1) (await here.health.begin(account, CALL))?.succeeded();
      await told(here);
    });
    expect(sent).toEqual([]);
  });

  it('write a storm of failures in a few statements', async () => {
    const here = await one();
    const permits = await Promise.all(Array.from({ length: 1_000 }, () => begun(here)));
    const sent = await queries(async () => {
      for (const permit of permits) permit.failed(BROKEN, FIRST_EPOCH);
      expect(await shut(here)).toMatchObject({ state: 'open' });
      await told(here);
    });
    expect(sent.filter((sql) => sql.includes('account_lane AS known')).length).toBeLessThanOrEqual(2);
    expect(await shut(here)).toMatchObject({ state: 'open' });
  });

  it('let one call of all processes try a lane whose time is over', async () => {
    const processes = await many(8);
    const [here] = processes as [Process];
    await fails(here, 3);
    calendar.pass(OPEN_MS);
    const accounts = await Promise.all(processes.map(seenBy));
    const permits = await Promise.all(
      processes.flatMap(({ health }, index) => {
        const account = accounts[index];
        return account ? [health.begin(account, CALL), health.begin(account, CALL)] : [];
      }),
    );
    expect(permits.filter((permit) => permit !== undefined)).toHaveLength(1);
    await Promise.all(processes.map(told));
    for (const process of processes) expect(await shut(process)).toMatchObject({ state: 'half_open', probing: true });
  });

  it('close a lane for all when the call that tries it gets its first visible event', async () => {
    const [here, there] = await two();
    await fails(here, 3);
    calendar.pass(OPEN_MS);
    const probe = await begun(there);
    probe.answered();
    await told(there);
    expect([await shut(here), await shut(there)]).toEqual([undefined, undefined]);
    expect(await begin(here)).toBeDefined();
    await fails(here, 2);
    expect(await shut(here)).toBeUndefined();
  });

  it('open it again when that call fails, and free it when that call says nothing', async () => {
    const [here, there] = await two();
    await fails(here, 3);
    calendar.pass(OPEN_MS);
    (await begun(there)).neutral();
    await told(there);
    (await begun(here)).failed(failure('client_disconnected'), FIRST_EPOCH);
    (await begun(here)).failed(BROKEN, FIRST_EPOCH);
    await told(here);
    expect(await shut(there)).toMatchObject({ state: 'open', untilMs: Date.now() + OPEN_MS });
  });

  it('give the place of a probe whose process died to the next', async () => {
    const [here, there] = await two();
    await fails(here, 3);
    calendar.pass(OPEN_MS);
    await begun(there);
    calendar.pass(OPEN_MS - 1);
    expect(await begin(here)).toBeUndefined();
    calendar.pass(1);
    expect(await begin(here)).toBeDefined();
  });

  it('open a lane at once for a listed model that the account does not serve, and for no other', async () => {
    const here = await one();
    const missing = failure('upstream_model_unavailable', { upstreamStatus: 404 });
    await fails(here, 1, missing);
    expect(await shut(here)).toMatchObject({ reason: 'upstream_model_unavailable' });
    await fails(here, 3, missing, aCall({ model: 'unlisted' }));
    expect(await shut(here, aCall({ model: 'unlisted' }))).toBeUndefined();
  });

  it.each<[string, GatewayError]>([
    ['overload (pain 7)', failure('server_is_overloaded', { upstreamStatus: 529 })],
    ['a refused request (pain 13)', failure('upstream_refused', { upstreamStatus: 400 })],
    ['a client that leaves', failure('client_disconnected')],
    ['a stream that is cut', failure('stream_interrupted')],
    ['no connection', failure('upstream_request_failed', { unsent: true })],
  ])('are not touched by %s', async (_, error) => {
    const here = await one();
    const sent = await queries(() => fails(here, 10, error));
    expect(sent.filter((sql) => /UPDATE|INSERT/.test(sql))).toEqual([]);
    expect(await seenBy(here)).toMatchObject({ lanes: [], coolingUntilMs: 0 });
  });

  it('hold here, with one probe of this process, while the database is away', async () => {
    const here = await one();
    const account = await seenBy(here);
    const away = jest.spyOn(database.dataSource(), 'query').mockRejectedValue(new Error('away'));
    for (let count = 0; count < 3; count += 1) {
      (await here.health.begin(account, CALL))?.failed(BROKEN, FIRST_EPOCH);
    }
    await told(here);
    expect(await here.health.begin(account, CALL)).toBeUndefined();
    calendar.pass(OPEN_MS);
    const probe = await here.health.begin(account, CALL);
    expect(probe).toBeDefined();
    expect(await here.health.begin(account, CALL)).toBeUndefined();
    probe?.succeeded();
    await told(here);
    expect(await here.health.begin(account, CALL)).toBeDefined();
    away.mockRestore();
  });
});
