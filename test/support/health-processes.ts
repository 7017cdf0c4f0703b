import { setImmediate as turn } from 'node:timers/promises';
import { GatewayError, type ErrorCode, type ErrorDetail } from '../../src/core/index.js';
import type { AccountSnapshot } from '../../src/upstream/account-snapshot.js';
import type { Permit } from '../../src/upstream/health/permit.js';
import { useDatabase } from './database.js';
import { fakeLogin } from './fake-login.js';
import { shutLane } from './shut-lane.js';
import { aCall, FakeKind, ownState, POOL, upstreamServices } from './upstream-services.js';

export type Process = ReturnType<typeof upstreamServices>;

export const FIRST_EPOCH = 1;
export const failure = (code: ErrorCode, detail: ErrorDetail = {}): GatewayError => new GatewayError(code, 'm', detail);
export const BROKEN = failure('upstream_error', { upstreamStatus: 502 });
export const CALL = aCall();

const seenBy = async ({ pool }: Process): Promise<AccountSnapshot> => {
  const [only] = await pool.snapshot(POOL);
  if (!only) throw new Error('no account in the snapshot');
  return only;
};

const begin = async (process: Process, call = CALL): Promise<Permit | undefined> =>
  process.health.begin(await seenBy(process), call);

const begun = async (process: Process, call = CALL): Promise<Permit> => {
  const permit = await begin(process, call);
  if (!permit) throw new Error('no permit');
  return permit;
};

/** What was found is written, and the other processes have heard of it. */
const told = async ({ health }: Process): Promise<void> => {
  await health.written();
  await turn();
};

const fails = async (process: Process, times: number, error = BROKEN, call = CALL): Promise<void> => {
  for (let count = 0; count < times; count += 1) (await begun(process, call)).failed(error, FIRST_EPOCH);
  await told(process);
};

const shut = async (process: Process, call = CALL) => shutLane(await seenBy(process), call, Date.now());

/** Processes that share one account, on a database of their own, and what calls find out in them. */
export function useHealthProcesses() {
  const database = useDatabase();
  beforeEach(() => database.dataSource().query('TRUNCATE upstream_account CASCADE'));

  /** The account lists `gpt-5.5` and `gpt-5.4`; the processes hear of each other. */
  const many = async (count: number): Promise<Process[]> => {
    const shared = ownState();
    const processes = Array.from({ length: count }, () =>
      upstreamServices(database.dataSource(), new FakeKind(), shared),
    );
    for (const { changes } of processes) await changes.onModuleInit();
    const [first] = processes;
    if (!first) throw new Error('no process');
    const { account } = await first.accounts.importAuthJson(fakeLogin().authJson, { label: 'alice', poolId: POOL });
    await database.dataSource().query(`
      WITH a AS (UPDATE upstream_account SET catalog_refreshed_at = now() RETURNING id)
      INSERT INTO account_model SELECT id, slug, 0, '{}' FROM a, unnest(ARRAY['gpt-5.5', 'gpt-5.4']) AS slug`);
    first.changes.announce(account.id);
    return processes;
  };
  /** The statements that reach the database while `work` runs. */
  const queries = async (work: () => Promise<unknown>): Promise<string[]> => {
    const query = jest.spyOn(database.dataSource(), 'query');
    await work();
    const sent = query.mock.calls.map(([sql]) => sql);
    query.mockRestore();
    return sent;
  };
  const one = async () => (await many(1))[0] as Process;
  const two = async () => (await many(2)) as [Process, Process];
  return { database, one, two, many, queries, seenBy, begin, begun, told, fails, shut };
}
