import { SettleProcessor } from '../../src/accounting/settle.processor.js';
import { RollUpJob } from '../../src/accounting/rollups/roll-up-job.service.js';
import { MaintenanceJobs } from '../../src/platform/queue/maintenance-jobs.js';
import { QUEUES } from '../../src/platform/queue/index.js';
import { DueAccounts } from '../../src/upstream/due-accounts.service.js';
import { LoginFlows } from '../../src/upstream/index.js';
import { UsageProcessor } from '../../src/upstream/quota/usage.processor.js';
import { RefreshProcessor } from '../../src/upstream/refresh.processor.js';
import { useCommandLine } from '../support/command-line.js';
import { eventually } from '../support/eventually.js';
import { useGateway } from '../support/gateway.js';
import { queueAt } from '../support/queue-at.js';
import { useRedis } from '../support/redis.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// A gateway and an application for commands, on a busy machine.
jest.setTimeout(60_000);

const redis = useRedis();
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Everything that the data of a job may say. */
const ALLOWED: Readonly<Record<string, (value: unknown) => boolean>> = {
  accountId: (value) => ID.test(String(value)),
  flowId: (value) => ID.test(String(value)),
  callIds: (value) => Array.isArray(value) && value.every((id) => ID.test(String(id))),
};
/** Every producer of jobs has one here; what recurs has no data. */
const PRODUCED = ['settle', 'refresh', 'catalog', 'usage', 'login-poll'];
const EVERYWHERE = ['maintenance/reconciliation', 'stored-items/sweep', 'token-refresh/due', 'settlement/settle'];
const STATES = ['waiting', 'active', 'delayed', 'completed', 'failed', 'prioritized'] as const;

describe.each([
  { stores: 'Postgres alone', shared: undefined },
  { stores: 'Postgres and Redis', shared: redis },
])('jobs of a gateway on $stores', ({ shared }) => {
  const commands = useCommandLine(() => ({
    DATA_DIR: folder.path(),
    DATABASE_URL: gateway.databaseUrl(),
    ...(shared ? { REDIS_URL: shared.url() } : {}),
  }));
  const folder = temporaryFolder();
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream, ...(shared ? { redis: shared } : {}) });

  const said = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await commands.run(args);
    expect([code, stderr]).toEqual([0, '']);
    return stdout.trim();
  };
  const listed = async () => {
    const text = await said('jobs', 'list', '--json');
    return JSON.parse(text) as { jobs: Record<string, unknown>[]; queues: Record<string, unknown>[] };
  };
  const storedJobs = async () => {
    const queues = Object.values(QUEUES).map((name) => {
      return queueAt(name, shared?.url(), gateway.databaseUrl());
    });
    try {
      return (await Promise.all(queues.map((queue) => queue.getJobs([...STATES])))).flat();
    } finally {
      await Promise.all(queues.map((queue) => queue.close()));
    }
  };

  /** What jobs write and nobody else touches while no call is under way. */
  const lasting = () =>
    Promise.all(
      ['ledger_entry', 'usage_hourly', 'usage_daily', 'account_reconciliation', 'account_reconciliation_point'].map(
        (name) => gateway.database().query<object[]>(`SELECT * FROM ${name} ORDER BY ${name}::text`),
      ),
    );

  it('hold ids in their data and nothing else, whoever hands them over', async () => {
    const workers = [gateway.get(SettleProcessor), gateway.get(RefreshProcessor), gateway.get(UsageProcessor)];
    await Promise.all(workers.map(({ worker }) => worker.pause(true)));
    await gateway.database().query(`
      UPDATE upstream_account SET access_token_expires_at = now() + interval '1 minute', catalog_refreshed_at = NULL`);
    await gateway.database().query('DELETE FROM account_probe');
    await gateway.get(DueAccounts).enqueue(Date.now());
    await gateway.get(UsageProcessor).process({ name: 'usage-due', data: {} } as never);
    await gateway.get(LoginFlows).startDevice({ label: 'carol', poolId: gateway.pool.id });
    const jobs = await eventually(async () => {
      // A worker that is told to pause may still take the job that it was waiting for.
      const answer = await gateway.post({ model: 'gpt-5.5', stream: true, input: [] });
      expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)]);
      const found = await storedJobs();
      const names = new Set(found.map(({ name }) => name));
      expect(PRODUCED.filter((name) => !names.has(name))).toEqual([]);
      return found;
    });
    const fields = jobs.flatMap(({ name, data }) =>
      Object.entries(data as object).map(([field, value]) => ({ name, field, fine: ALLOWED[field]?.(value) === true })),
    );
    expect(fields.filter(({ fine }) => !fine)).toEqual([]);
    expect(new Set(fields.map(({ name }) => name))).toEqual(new Set(PRODUCED));
    for (const { worker } of workers) void worker.resume();
  });

  it('are listed with what came of them, when they are due, and what waits', async () => {
    const { queues } = await eventually(
      async () => {
        const found = await listed();
        const sweep = found.jobs.find(({ job }) => job === 'maintenance/sweep');
        expect(found.jobs.map(({ job }) => job)).toEqual(expect.arrayContaining(EVERYWHERE));
        expect(sweep).toMatchObject({ outcome: 'succeeded', everyMs: 10_000, failures: 0, result: expect.any(Object) });
        expect(found.jobs.some(({ job, target }) => job === 'token-refresh/catalog' && ID.test(String(target)))).toBe(
          true,
        );
        return found;
      },
      { withinMs: 20_000 },
    );
    expect(queues.map(({ queue }) => queue).sort()).toEqual(Object.values(QUEUES).sort());
    expect(queues[0]?.['depth']).toEqual({
      waiting: expect.any(Number),
      active: expect.any(Number),
      delayed: expect.any(Number),
      failed: expect.any(Number),
    });
    const text = await said('jobs', 'list');
    expect(text).toMatch(/^JOB +TARGET +LAST +WHEN +TOOK +RESULT +FAILURES +NEXT\n/);
    expect(text).toMatch(/maintenance\/reconciliation +- +succeeded .* in (59 min|1 h)/);
    expect(text).toMatch(new RegExp(`token-refresh/catalog +${gateway.accounts[0]?.id} +succeeded`));
    expect(text).toMatch(/QUEUE +WAITING +ACTIVE +DELAYED +FAILED\n/);
  });

  it('are done when somebody asks for them, and not when nobody knows them', async () => {
    const count = async () => {
      const sql = 'SELECT count(*)::int AS n FROM account_reconciliation';
      return (await gateway.database().query<{ n: number }[]>(sql))[0]?.n;
    };
    await gateway.database().query('TRUNCATE account_reconciliation');
    expect(await said('jobs', 'run', 'reconciliation')).toBe(
      'Asked for maintenance/reconciliation. What comes of it: codex-pooler jobs list',
    );
    await eventually(async () => expect(await count()).toBeGreaterThan(0));
    const wrong = await commands.run(['jobs', 'run', 'nothing']);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('No recurring job has that name: ');
    const several = await commands.run(['jobs', 'run', 'sweep']);
    expect(several.stderr).toContain('Several recurring jobs have that name: ');
  });

  it('change nothing when they are done again, or several times at once', async () => {
    const others = ['due', 'expired-files', 'login-sweep'].map((name) => ({
      name,
      run: () => gateway.get(RefreshProcessor).process({ name, data: {} } as never),
    }));
    const jobs = [...gateway.get(MaintenanceJobs).all(), ...others];
    const round = (at: readonly { run(): Promise<unknown> }[]) => Promise.all(at.map((job) => job.run()));
    await gateway.get(RollUpJob).run();
    await round(jobs);
    const before = await lasting();
    for (const job of jobs) await round([job, job, job]);
    await round([...jobs, ...jobs]);
    expect(await lasting()).toEqual(before);
    expect(before.every((rows) => rows.length > 0)).toBe(true);
  });

  it('compare accounts with their providers, and say what is unknown', async () => {
    const text = await said('account', 'drift');
    expect(text).toMatch(/^ACCOUNT +WINDOW +PROVIDER_SAYS +OURS_EXPLAINS +DRIFT +CONFIDENCE +AS_OF\n/);
    const drifts = JSON.parse(await said('account', 'drift', '--json')) as { account: string; windows: object[] }[];
    expect(drifts.map(({ account }) => account).sort()).toEqual(gateway.accounts.map(({ id }) => id).sort());
    await gateway.database().query('TRUNCATE account_quota_window, account_reconciliation');
    expect(await said('account', 'drift')).toContain('unknown');
    await gateway.database().query(`UPDATE upstream_account SET kind = 'openai'`);
    expect(await said('account', 'drift')).toContain('not available');
  });
});
