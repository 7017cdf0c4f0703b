import { useCalendar } from '../../../test/support/clock.js';
import { CALL, failure, FIRST_EPOCH, useHealthProcesses } from '../../../test/support/health-processes.js';
import { aCall } from '../../../test/support/upstream-services.js';

const BURST = failure('upstream_rate_limited');

describe("accounts' health", () => {
  const { one, two, seenBy, begin, begun, told, fails, shut, queries } = useHealthProcesses();
  const calendar = useCalendar();

  describe('after a burst', () => {
    it('let the account sit out for longer each time, and try it with one call before all go back', async () => {
      const [here, there] = await two();
      const lengths: number[] = [];
      for (let count = 1; count <= 3; count += 1) {
        await fails(here, 1, BURST);
        const { coolingUntilMs, coolingReason, coolingSinceMs } = await seenBy(there);
        expect([coolingReason, coolingSinceMs]).toEqual(['upstream_rate_limited', Date.now()]);
        lengths.push(coolingUntilMs - Date.now());
        calendar.pass(coolingUntilMs - Date.now());
        expect(await shut(there)).toBeUndefined();
      }
      expect(lengths.map((ms, index) => Math.abs(ms / (5_000 * 2 ** index) - 1) <= 0.2)).toEqual([true, true, true]);
      const probe = await begun(there, aCall({ model: 'gpt-5.4' }));
      expect(await begin(here)).toBeUndefined();
      expect(await shut(here)).toMatchObject({ model: '*', probing: true });
      probe.succeeded();
      await told(there);
      expect(await begin(here)).toBeDefined();
      await fails(here, 1, BURST);
      expect((await seenBy(here)).coolingUntilMs - Date.now()).toBeLessThanOrEqual(6_000);
    });

    it('take the failures of calls that ran at the same time for one', async () => {
      const here = await one();
      const permits = await Promise.all(Array.from({ length: 100 }, () => begun(here)));
      const sent = await queries(async () => {
        for (const permit of permits.slice(0, 50)) permit.failed(BURST, FIRST_EPOCH);
        await told(here);
        calendar.pass(7_000);
        for (const permit of permits.slice(50)) permit.failed(BURST, FIRST_EPOCH);
        await told(here);
      });
      expect(sent.filter((sql) => sql.includes('account_lane AS known'))).toHaveLength(2);
      expect((await seenBy(here)).coolingUntilMs - Date.now()).toBeLessThanOrEqual(6_000);
    });

    it('are told at once to calls that chose the account before it', async () => {
      const here = await one();
      const account = await seenBy(here);
      await fails(here, 1, BURST);
      expect(await here.health.begin(account, CALL)).toBeUndefined();
    });

    it('wait as long as the upstream asks', async () => {
      const here = await one();
      await fails(here, 1, failure('upstream_rate_limited', { cooldownMs: 30_000 }));
      expect((await seenBy(here)).coolingUntilMs).toBe(Date.now() + 30_000);
    });
  });

  it('let an account whose quota is spent sit out until it is back, also for calls that chose it before', async () => {
    const here = await one();
    const account = await seenBy(here);
    const resetsAtMs = Date.now() + 3_600_000;
    await fails(here, 1, failure('upstream_quota_exhausted', { resetsAtMs }));
    expect(await seenBy(here)).toMatchObject({ coolingUntilMs: resetsAtMs, coolingReason: 'upstream_quota_exhausted' });
    expect(await here.health.begin({ ...account }, CALL)).toBeUndefined();
  });

  it('know how fast and how well an account has been answering lately', async () => {
    const here = await one();
    const permit = await begun(here);
    calendar.pass(300);
    permit.heard();
    permit.heard();
    permit.succeeded();
    (await begun(here)).failed(failure('upstream_timeout'), FIRST_EPOCH);
    const { pulse } = await seenBy(here);
    expect(pulse).toMatchObject({ ttftMs: 300, lastSuccessAtMs: Date.now() });
    expect(pulse.failureShare).toBeCloseTo(1 / 3);
  });

  it('tell everywhere when an account last succeeded, and write that at most every ten seconds', async () => {
    const [here, there] = await two();
    const account = await seenBy(here);
    const sent = await queries(async () => {
      for (let count = 0; count < 100; count += 1) {
        (await here.health.begin(account, CALL))?.succeeded();
        calendar.pass(200);
      }
      await told(here);
    });
    expect(sent).toHaveLength(2);
    const { lastSuccessAtMs = 0 } = (await seenBy(there)).pulse;
    expect(Date.now() - lastSuccessAtMs).toBeLessThanOrEqual(10_200);
  });
});
