import { UnrecoverableError, type Job } from 'bullmq';
import { LoginRequired } from '../core/index.js';
import type { CatalogRefresh } from './catalog-refresh.service.js';
import type { DueAccounts } from './due-accounts.service.js';
import { EXPIRED_FILES_JOB, REFRESH_JOB, type AccountJob } from './jobs.js';
import { RefreshProcessor } from './refresh.processor.js';
import { LOGIN_POLL_JOB, LOGIN_SWEEP_JOB, type LoginJob } from './login/login-job.js';
import type { LoginPolls } from './login/login-polls.service.js';
import type { UploadedFiles } from './uploaded-files.service.js';

const job = (name: string, data: Partial<AccountJob & LoginJob> = {}) => ({ name, data }) as Job<AccountJob & LoginJob>;

describe('the processor of what is due', () => {
  const swept: number[] = [];
  const files = { sweep: async (nowMs: number) => swept.push(nowMs) } as unknown as UploadedFiles;
  const logins = { poll: async (id: string) => `polled ${id}`, sweep: async () => 3 } as unknown as LoginPolls;
  const processor = new RefreshProcessor({} as DueAccounts, {} as CatalogRefresh, files, logins);

  it('sweeps the files that are over by now', async () => {
    const before = Date.now();
    expect(await processor.process(job(EXPIRED_FILES_JOB))).toBe(1);
    expect(swept[0]).toBeGreaterThanOrEqual(before);
  });

  it('polls the login that it is told, and sweeps those that are over', async () => {
    expect(await processor.process(job(LOGIN_POLL_JOB, { flowId: 'f' }))).toBe('polled f');
    expect(await processor.process(job(LOGIN_SWEEP_JOB))).toBe(3);
  });

  it('gives up at once on an account that needs a new login, and says why', async () => {
    const refused = { refresh: () => Promise.reject(new LoginRequired('invalid_grant')) } as unknown as DueAccounts;
    const failing = new RefreshProcessor(refused, {} as CatalogRefresh, files, logins);
    const failure = failing.process(job(REFRESH_JOB, { accountId: 'a' as AccountJob['accountId'] }));
    await expect(failure).rejects.toMatchObject({ code: 'invalid_grant' });
    await expect(failure).rejects.toBeInstanceOf(UnrecoverableError);
  });

  it('does not know other jobs', async () => {
    await expect(processor.process(job('nothing'))).rejects.toThrow('no such job');
  });
});
