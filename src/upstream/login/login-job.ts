import type { JobsOptions } from 'bullmq';
import type { LoginFlowView } from './login-flow-row.js';

/** Jobs of the queue `token-refresh`: poll one login by device code; end and forget logins. */
export const LOGIN_POLL_JOB = 'login-poll';
export const LOGIN_SWEEP_JOB = 'login-sweep';

export interface LoginJob {
  readonly flowId: string;
}

interface NextPoll {
  readonly data: LoginJob;
  readonly options: JobsOptions;
}

/** While somebody else polls, the time of the next poll is not known yet. */
const MIN_DELAY_MS = 1_000;

/**
 * The next poll of a login, as a job: one for each time at which the provider may be asked, whoever hands it over. So two
 * workers that follow the same login are soon one.
 *
 * @returns undefined when there is nothing to poll
 */
export function nextPoll({ id, status, pollAfterMs }: LoginFlowView, nowMs: number): NextPoll | undefined {
  if (status !== 'pending' || pollAfterMs === undefined) return undefined;
  const delay = Math.max(MIN_DELAY_MS, pollAfterMs - nowMs);
  const second = Math.ceil((nowMs + delay) / 1_000);
  const deduplication = { id: `${LOGIN_POLL_JOB}-${id}-${second}` };
  return { data: { flowId: id }, options: { delay, attempts: 1, deduplication } };
}
