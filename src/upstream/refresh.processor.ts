import { Processor, WorkerHost } from '@nestjs/bullmq';
import { UnrecoverableError, type Job } from 'bullmq';
import { LoginRequired } from '../core/index.js';
import { QUEUES } from '../platform/queue/index.js';
import { CatalogRefresh } from './catalog-refresh.service.js';
import { DueAccounts } from './due-accounts.service.js';
import { CATALOG_JOB, DUE_JOB, EXPIRED_FILES_JOB, REFRESH_JOB, type AccountJob } from './jobs.js';
import { LOGIN_POLL_JOB, LOGIN_SWEEP_JOB, type LoginJob } from './login/login-job.js';
import { LoginPolls } from './login/login-polls.service.js';
import { UploadedFiles } from './uploaded-files.service.js';

/** Keeps accounts usable. A job carries an id and no token: job data is readable in the store. */
@Processor(QUEUES.tokenRefresh, { concurrency: 4 })
export class RefreshProcessor extends WorkerHost {
  constructor(
    private readonly due: DueAccounts,
    private readonly catalogs: CatalogRefresh,
    private readonly files: UploadedFiles,
    private readonly logins: LoginPolls,
  ) {
    super();
  }

  async process(job: Job<AccountJob & LoginJob>): Promise<number | string> {
    try {
      return await this.done(job);
    } catch (error) {
      if (!(error instanceof LoginRequired)) throw error;
      throw new NeedsLogin(error.reason);
    }
  }

  private done({ name, data }: Job<AccountJob & LoginJob>): Promise<number | string> {
    switch (name) {
      case DUE_JOB:
        return this.due.enqueue(Date.now());
      case REFRESH_JOB:
        return this.due.refresh(data.accountId, Date.now());
      case CATALOG_JOB:
        return this.catalogs.run(data.accountId);
      case EXPIRED_FILES_JOB:
        return this.files.sweep(Date.now());
      case LOGIN_POLL_JOB:
        return this.logins.poll(data.flowId);
      case LOGIN_SWEEP_JOB:
        return this.logins.sweep();
      default:
        throw new UnrecoverableError('no such job');
    }
  }
}

/** Nothing to try again: the account needs a new login. */
class NeedsLogin extends UnrecoverableError {
  /** @param code why, such as `invalid_grant` */
  constructor(readonly code: string) {
    super(`the account needs a new login: ${code}`);
  }
}
