import { jobLines, listedJobs, plainJob } from './job-words.js';

const NOW_MS = Date.UTC(2026, 10, 1, 12);
const run = {
  job: 'maintenance/sweep',
  target: null as string | null,
  account: null as string | null,
  outcome: 'succeeded' as const,
  startedAt: new Date(NOW_MS - 8_020).toISOString(),
  finishedAt: new Date(NOW_MS - 8_000).toISOString(),
  durationMs: 20,
  result: { lost: 0, by: { model: 'gpt-5.5' } } as unknown,
  errorCode: null,
  lastSuccessAt: new Date(NOW_MS - 8_000).toISOString(),
  runs: 7,
  failures: 0,
};
const schedule = (name: string) => ({
  queue: 'maintenance' as const,
  job: `maintenance/${name}`,
  everyMs: 10_000,
  nextAt: new Date(NOW_MS + 2_000).toISOString(),
});

describe('the list of jobs', () => {
  const lines = (runs: (typeof run)[], names: string[] = []) => jobLines(listedJobs(runs, names.map(schedule)), NOW_MS);

  it('tells what came of a job last, and when it is due again', () => {
    expect(lines([run], ['sweep'])).toEqual([
      {
        job: 'maintenance/sweep',
        target: undefined,
        last: 'succeeded',
        when: '8 s ago',
        took: '20 ms',
        result: 'lost=0 by={model:gpt-5.5}',
        failures: undefined,
        next: 'in 2 s',
      },
    ]);
  });

  it('tells the code of a failure, how often it failed, and for which account', () => {
    const failed = {
      ...run,
      outcome: 'failed' as never,
      errorCode: '57014' as never,
      failures: 3,
      target: 'id-1',
      account: 'alice',
    };
    expect(lines([failed, { ...run, target: 'id-2', durationMs: 90_000 }], ['sweep'])).toMatchObject([
      { target: 'alice', last: 'failed', result: '57014', failures: '3 of 7', next: undefined },
      { target: 'id-2', took: '1 min' },
    ]);
  });

  it('names what is due and was never done', () => {
    expect(lines([run], ['sweep', 'prices'])).toMatchObject([
      { job: 'maintenance/prices', last: 'never', next: 'in 2 s' },
      { job: 'maintenance/sweep' },
    ]);
    const [never] = listedJobs([], [schedule('prices')]).map(plainJob);
    expect(never).toMatchObject({ job: 'maintenance/prices', target: null, outcome: null, runs: 0, everyMs: 10_000 });
  });

  it('shortens what is long, and shows what is no object', () => {
    const results = [{ a: 'x'.repeat(80) }, 3, null, {}].map((result) => lines([{ ...run, result }])[0]?.result);
    expect(results).toEqual([`a=${'x'.repeat(57)}…`, '3', undefined, undefined]);
  });
});
