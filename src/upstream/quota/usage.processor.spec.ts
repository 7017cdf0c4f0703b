import type { Job } from 'bullmq';
import type { JobProducer } from '../../platform/queue/index.js';
import type { AccountJob } from '../jobs.js';
import type { AccountProbes } from './account-probes.service.js';
import { USAGE_DUE_JOB, USAGE_JOB } from './usage-job.js';
import type { UsageProbe } from './usage-probe.service.js';
import { UsageProcessor } from './usage.processor.js';

const job = (name: string, data: object = {}) => ({ name, data }) as Job<AccountJob>;

describe('the processor of account usage', () => {
  const added: unknown[] = [];
  const jobs = { add: async (...job: unknown[]) => added.push(job) > 0 } as unknown as JobProducer;
  const probes = { due: async () => ['a', 'b'] } as unknown as AccountProbes;
  const probe = { run: async (id: string) => `asked ${id}` } as unknown as UsageProbe;
  const processor = new UsageProcessor(probes, probe, jobs);

  it('hands over one job for each account that is due, unless one is on its way', async () => {
    expect(await processor.process(job(USAGE_DUE_JOB))).toBe(2);
    expect(added).toEqual(
      ['a', 'b'].map((accountId) => [
        'account-usage',
        'usage',
        { accountId },
        { deduplication: { id: `usage-${accountId}` }, attempts: 1 },
      ]),
    );
  });

  it('asks for the account that it is told', async () => {
    expect(await processor.process(job(USAGE_JOB, { accountId: 'a' }))).toBe('asked a');
  });

  it('does not know other jobs', () => {
    expect(() => processor.process(job('nothing'))).toThrow('no such job');
  });
});
