import { GatewayError, OPERATIONS, type RoutedCall } from '../core/index.js';

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

/** Whether the next account may take a call over after this failure, as long as the client has seen nothing. */
export function mayMoveOn({ operation }: Pick<RoutedCall, 'operation'>, failure: GatewayError): boolean {
  const { failover } = OPERATIONS[operation];
  if (failover === 'never' || !failure.failover) return false;
  return failover === 'until_visible' || failure.detail.unsent === true;
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
  moveOn: (failure: GatewayError) => boolean,
  none: () => GatewayError,
): Promise<Answer> {
  let last: GatewayError | undefined;
  for (const [index, candidate] of candidates.entries()) {
    try {
      const tried = await attempt(candidate);
      if (!tried.failure) return tried.answer;
      last = tried.failure;
      const over = index === candidates.length - 1 || !moveOn(last);
      if (over && !isLimit(last)) return tried.answer;
      await tried.answer.close();
      if (over) break;
    } catch (thrown) {
      last = GatewayError.from(thrown);
      if (!moveOn(last)) break;
    }
  }
  throw last ?? none();
}

const isLimit = (error: GatewayError): boolean =>
  error.code === 'upstream_quota_exhausted' || error.code === 'upstream_rate_limited';
