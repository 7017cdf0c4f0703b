import { Logger } from '@nestjs/common';
import { RetentionJob } from './retention-job.service.js';

const DONE = { created: 1, dropped: 2, moved: 3, deleted: 4, postponed: 0 };

/** Rounds of maintenance that end when they are told to. */
function rounds() {
  const open: { end: () => void; fail: (error: Error) => void }[] = [];
  const run = () =>
    new Promise<typeof DONE>((resolve, reject) => {
      open.push({ end: () => resolve(DONE), fail: reject });
    });
  return { open, job: new RetentionJob({ run }) };
}

beforeAll(() => {
  Logger.overrideLogger(false);
});

describe('RetentionJob', () => {
  it('says what a round did', async () => {
    const { open, job } = rounds();
    const round = job.run();
    open[0]?.end();
    expect(await round).toEqual(DONE);
  });

  it('begins with a round of its own when a worker starts, and lets it end before that is gone', async () => {
    const { open, job } = rounds();
    job.onApplicationBootstrap();
    expect(open).toHaveLength(1);
    let gone = false;
    const shutdown = job.beforeApplicationShutdown().then(() => (gone = true));
    await Promise.resolve();
    expect(gone).toBe(false);
    open[0]?.end();
    expect(await shutdown).toBe(true);
  });

  it('starts although that round fails', async () => {
    const { open, job } = rounds();
    job.onApplicationBootstrap();
    open[0]?.fail(new Error('no database'));
    await expect(job.beforeApplicationShutdown()).resolves.toBeUndefined();
  });
});
