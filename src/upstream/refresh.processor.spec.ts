import type { Job } from 'bullmq';
import type { CatalogRefresh } from './catalog-refresh.service.js';
import type { DueAccounts } from './due-accounts.service.js';
import { EXPIRED_FILES_JOB, type AccountJob } from './jobs.js';
import { RefreshProcessor } from './refresh.processor.js';
import type { UploadedFiles } from './uploaded-files.service.js';
import type { UsageProbe } from './quota/usage-probe.service.js';

const job = (name: string) => ({ name, data: {} }) as Job<AccountJob>;

describe('the processor of what is due', () => {
  const swept: number[] = [];
  const files = { sweep: async (nowMs: number) => swept.push(nowMs) } as unknown as UploadedFiles;
  const processor = new RefreshProcessor({} as DueAccounts, {} as CatalogRefresh, {} as UsageProbe, files);

  it('sweeps the files that are over by now', async () => {
    const before = Date.now();
    expect(await processor.process(job(EXPIRED_FILES_JOB))).toBe(1);
    expect(swept[0]).toBeGreaterThanOrEqual(before);
  });

  it('does not know other jobs', async () => {
    await expect(processor.process(job('nothing'))).rejects.toThrow('no such job');
  });
});
