import { useDatabase } from '../../../../test/support/database.js';
import type { NotedRun } from './job-recorder.js';
import { JobRun } from './job-run.entity.js';
import { JobRunStore } from './job-run-store.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const NOW_MS = 1_795_221_400_000;

const run = (given: Partial<NotedRun> = {}): NotedRun => ({
  job: 'maintenance/sweep',
  target: '',
  outcome: 'succeeded',
  startedAtMs: NOW_MS,
  finishedAtMs: NOW_MS + 20,
  last: { durationMs: 20, result: { settled: 1 } },
  lastSuccessAtMs: NOW_MS + 20,
  runs: 1,
  failures: 0,
  ...given,
});

describe('the rows of runs', () => {
  const database = useDatabase([JobRun]);
  const store = () => new JobRunStore(database.dataSource());
  const rows = () =>
    database
      .dataSource()
      .getRepository(JobRun)
      .find({ order: { job: 'ASC', target: 'ASC' } });
  afterEach(() => database.dataSource().query('TRUNCATE job_run'));

  it('hold the last run and the counts of all', async () => {
    await store().write([run()]);
    await store().write([
      run({
        outcome: 'failed',
        startedAtMs: NOW_MS + MINUTE_MS,
        finishedAtMs: NOW_MS + MINUTE_MS + 5,
        last: { durationMs: 5, errorCode: '57014' },
        lastSuccessAtMs: NOW_MS + 40,
        runs: 4,
        failures: 2,
      }),
    ]);
    const [row] = await rows();
    expect(row).toMatchObject({ outcome: 'failed', durationMs: 5, result: null, errorCode: '57014' });
    expect(row).toMatchObject({ runs: 5, failures: 2, lastSuccessAt: new Date(NOW_MS + 40) });
  });

  it('are those of the later run, in whatever order several workers write', async () => {
    const later = run({ startedAtMs: NOW_MS + MINUTE_MS, last: { durationMs: 1, result: { settled: 9 } } });
    await Promise.all([store().write([later]), store().write([run()])]);
    expect(await rows()).toMatchObject([{ result: { settled: 9 }, runs: 2 }]);
  });

  it('keep the last result while a run is under way', async () => {
    await store().write([run()]);
    const { finishedAtMs: _, last: __, lastSuccessAtMs: ___, ...underway } = run({ startedAtMs: NOW_MS + MINUTE_MS });
    await store().write([{ ...underway, outcome: 'running', runs: 0 }]);
    const expected = { outcome: 'running', finishedAt: null, durationMs: 20, result: { settled: 1 }, runs: 1 };
    expect(await rows()).toMatchObject([expected]);
  });

  it('go with targets for which nothing was done for 14 days', async () => {
    const old = { startedAtMs: NOW_MS - 15 * DAY_MS };
    await store().write([run(old), run({ ...old, target: 'gone' }), run({ target: 'there' })]);
    expect(await store().forget(NOW_MS)).toBe(1);
    expect((await rows()).map(({ target }) => target)).toEqual(['', 'there']);
  });
});
