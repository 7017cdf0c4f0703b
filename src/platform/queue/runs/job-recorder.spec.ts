import { Logger } from '@nestjs/common';
import { JobRecorder, type NotedRun } from './job-recorder.js';

const TARGET = '018f2a9e-7c1d-7d53-9f5e-3a1b2c4d5e6f';
const sweep = { queue: 'maintenance', name: 'sweep', data: {} };

beforeAll(() => {
  Logger.overrideLogger(false);
});
beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

describe('JobRecorder', () => {
  const written: NotedRun[][] = [];
  let refuses = false;
  const store = {
    write: async (runs: readonly NotedRun[]) => {
      if (refuses) throw Object.assign(new Error('secret'), { code: 'ECONNREFUSED' });
      written.push([...runs]);
    },
  };
  const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);
  beforeEach(() => {
    written.length = 0;
    refuses = false;
  });

  it('writes what came of a job, and gives its result on', async () => {
    const recorder = new JobRecorder(store);
    const startedAtMs = Date.now();
    const work = async () => {
      await pass(30);
      return { settled: 3, note: 'free text' };
    };
    expect(await recorder.record({ ...sweep, data: { accountId: TARGET } }, work)).toMatchObject({ settled: 3 });
    await pass(100);
    const finishedAtMs = startedAtMs + 30;
    expect(written).toEqual([
      [
        {
          job: 'maintenance/sweep',
          target: TARGET,
          outcome: 'succeeded',
          startedAtMs,
          finishedAtMs,
          last: { durationMs: 30, result: { settled: 3 } },
          lastSuccessAtMs: finishedAtMs,
          runs: 1,
          failures: 0,
        },
      ],
    ]);
  });

  it('writes the code of a failure, and fails as the job did', async () => {
    const recorder = new JobRecorder(store);
    const error = Object.assign(new Error('your account said no'), { code: 'upstream_unavailable' });
    await expect(recorder.record(sweep, () => Promise.reject(error))).rejects.toBe(error);
    await pass(100);
    expect(written).toMatchObject([[{ outcome: 'failed', last: { errorCode: 'upstream_unavailable' }, failures: 1 }]]);
    expect(JSON.stringify(written)).not.toContain('said no');
  });

  it('writes of one job and target once in ten seconds, with everything counted', async () => {
    const recorder = new JobRecorder(store);
    for (let n = 0; n < 500; n += 1) {
      const work = () => (n % 10 === 3 ? Promise.reject(new Error()) : Promise.resolve({ n }));
      await recorder.record(sweep, work).catch(() => undefined);
      await pass(50);
    }
    await pass(10_000);
    expect(written.length).toBeLessThanOrEqual(4);
    const sum = (counted: 'runs' | 'failures') => written.flat().reduce((all, run) => all + run[counted], 0);
    expect([sum('runs'), sum('failures')]).toEqual([500, 50]);
    expect(written.at(-1)?.[0]?.last).toMatchObject({ result: { n: 499 } });
  });

  it('shows a job that takes long while it runs, and the last result beside it', async () => {
    const recorder = new JobRecorder(store);
    await recorder.record(sweep, async () => ({ settled: 1 }));
    const { promise, end } = gate();
    const running = recorder.record(sweep, () => promise);
    await pass(10_100);
    expect(written.flat().map(({ outcome, runs }) => [outcome, runs])).toEqual([
      ['succeeded', 1],
      ['running', 0],
    ]);
    end();
    await running;
    await pass(10_100);
    expect(written.at(-1)).toMatchObject([{ outcome: 'succeeded', runs: 1 }]);
  });

  it('keeps what it could not write, and never fails a job for it', async () => {
    const recorder = new JobRecorder(store);
    refuses = true;
    await recorder.record(sweep, async () => ({ n: 1 }));
    await pass(5_000);
    await recorder.record(sweep, async () => ({ n: 2 }));
    await pass(5_000);
    refuses = false;
    await pass(2_100);
    expect(written).toMatchObject([[{ runs: 2, last: { result: { n: 2 } } }]]);
  });

  it('writes the rest before the process ends, unless the database does not take it', async () => {
    const recorder = new JobRecorder(store);
    await recorder.record(sweep, async () => ({ n: 1 }));
    await recorder.close();
    expect(written).toHaveLength(1);
    const stuck = new JobRecorder({ write: () => new Promise(() => undefined) });
    await stuck.record(sweep, async () => ({ n: 1 }));
    const closed = stuck.close();
    await pass(2_000);
    await closed;
  });
});

function gate() {
  let end: () => void = () => undefined;
  const promise = new Promise<void>((pass) => (end = pass));
  return { promise, end };
}
