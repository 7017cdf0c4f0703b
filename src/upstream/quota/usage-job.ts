/** Jobs of the queue `account-usage`. Each may be done twice without harm. */
export const USAGE_DUE_JOB = 'usage-due';
export const USAGE_JOB = 'usage';
