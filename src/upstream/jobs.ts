import type { AccountId } from '../core/index.js';

/** Jobs of the queue `token-refresh`. Each may be done twice without harm. */
export const DUE_JOB = 'due';
export const REFRESH_JOB = 'refresh';
export const CATALOG_JOB = 'catalog';
export const EXPIRED_FILES_JOB = 'expired-files';

export interface AccountJob {
  readonly accountId: AccountId;
}
