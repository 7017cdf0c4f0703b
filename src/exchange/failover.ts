import { GatewayError } from '../core/index.js';

/** One candidate's answer: served, or failed in a way that is only worth showing when nobody does better. */
export interface Tried<Answer extends Closable> {
  readonly answer: Answer;
  /** Set when the answer is itself a failure that another candidate may not have. */
  readonly failure: GatewayError | undefined;
}

interface Closable {
  /** Give an answer back that will not be read. */
  close(): Promise<void>;
}

/**
 * Try candidates in order until one answers; from then on the call is committed to it.
 *
 * A failed answer of the last candidate is delivered as it came, except a quota or rate limit: those the clients only
 * understand as a status, so they are thrown.
 *
 * @throws the last candidate's failure, or the first one that no other account could do better
 */
export async function firstToAnswer<Candidate, Answer extends Closable>(
  candidates: readonly Candidate[],
  attempt: (candidate: Candidate) => Promise<Tried<Answer>>,
  none: () => GatewayError,
): Promise<Answer> {
  let last: GatewayError | undefined;
  for (const [index, candidate] of candidates.entries()) {
    try {
      const tried = await attempt(candidate);
      if (!tried.failure) return tried.answer;
      last = tried.failure;
      if (index === candidates.length - 1 && !isLimit(last)) return tried.answer;
      await tried.answer.close();
    } catch (thrown) {
      last = GatewayError.from(thrown);
      if (!last.failover) break;
    }
  }
  throw last ?? none();
}

const isLimit = (error: GatewayError): boolean =>
  error.code === 'upstream_quota_exhausted' || error.code === 'upstream_rate_limited';
