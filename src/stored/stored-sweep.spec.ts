import { UnrecoverableError } from 'bullmq';
import type { JobSchedules } from '../platform/queue/index.js';
import type { StoredItems } from './stored-items.service.js';
import { StoredSweepProcessor } from './stored-sweep.processor.js';
import { StoredSweepSchedule, SWEEP_JOB } from './stored-sweep.schedule.js';

describe('the sweep of stored items', () => {
  it('is due every five minutes, once for all workers', async () => {
    const every = jest.fn().mockResolvedValue(true);
    await new StoredSweepSchedule({ every } as unknown as JobSchedules).onApplicationBootstrap();
    expect(every.mock.calls).toEqual([['stored-items', { name: SWEEP_JOB, everyMs: 300_000 }]]);
  });

  it('removes what is over by now, and does no other job', async () => {
    const swept: number[] = [];
    const sweep = (nowMs: number) => Promise.resolve(swept.push(nowMs));
    const processor = new StoredSweepProcessor({ sweep } as unknown as StoredItems);
    const before = Date.now();
    expect(await processor.process({ name: SWEEP_JOB })).toBe(1);
    expect(swept[0]).toBeGreaterThanOrEqual(before);
    await expect(processor.process({ name: 'other' })).rejects.toThrow(UnrecoverableError);
  });
});
