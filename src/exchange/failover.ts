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
 * Ask one candidate after another until one answers; from then on the call is committed to it.
 *
 * A failed answer that nobody takes over is delivered as it came, except a quota or rate limit: those the clients only
 * understand as a status, so they are thrown. A candidate that was busy was not asked, and leaves no failure behind.
 *
 * @param next who is to be asked first, or after a failure; undefined: nobody is left, or nobody could do better
 * @throws the last failure, or `none` where nobody was asked
 */
export async function firstToAnswer<Candidate, Answer extends Closable>(
  next: (failure?: GatewayError) => Promise<Candidate | undefined>,
  attempt: (candidate: Candidate) => Promise<Tried<Answer>>,
  none: () => GatewayError,
): Promise<Answer> {
  let last: GatewayError | undefined;
  let candidate = await next();
  while (candidate !== undefined) {
    const { answer, failure } = await asked(attempt, candidate);
    if (failure === undefined) return answer;
    if (failure.code !== 'upstream_account_busy') last = failure;
    candidate = await next(failure).catch(async (thrown: unknown) => {
      await answer?.close();
      throw thrown;
    });
    if (candidate === undefined && answer !== undefined && !isLimit(failure)) return answer;
    await answer?.close();
  }
  throw last ?? none();
}

type Asked<Answer extends Closable> =
  | { readonly answer: Answer; readonly failure: undefined }
  | { readonly answer: Answer | undefined; readonly failure: GatewayError };

/** Whether an answer came or not, a failure is a failure. */
async function asked<Candidate, Answer extends Closable>(
  attempt: (candidate: Candidate) => Promise<Tried<Answer>>,
  candidate: Candidate,
): Promise<Asked<Answer>> {
  try {
    const { answer, failure } = await attempt(candidate);
    return failure === undefined ? { answer, failure } : { answer, failure };
  } catch (thrown) {
    return { answer: undefined, failure: GatewayError.from(thrown) };
  }
}

const isLimit = (error: GatewayError): boolean =>
  error.code === 'upstream_quota_exhausted' || error.code === 'upstream_rate_limited';
