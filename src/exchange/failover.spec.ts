import { GatewayError, type ErrorCode } from '../core/index.js';
import { firstToAnswer, mayMoveOn, type Tried } from './failover.js';

const none = () => new GatewayError('no_eligible_backend', 'nobody');
const fail = (code: ErrorCode) => new GatewayError(code, code);

class Answer {
  closed = false;
  constructor(readonly name: string) {}
  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}

/** Candidates by name: a code to throw, a code that the answer itself carries, or an answer. */
function run(
  outcomes: Record<string, { throws?: ErrorCode; failure?: ErrorCode }>,
  moveOn = (failure: GatewayError) => failure.failover,
) {
  const tried: string[] = [];
  const answers = new Map<string, Answer>();
  const attempt = (name: string): Promise<Tried<Answer>> => {
    tried.push(name);
    const { throws, failure } = outcomes[name] ?? {};
    if (throws) return Promise.reject(fail(throws));
    const answer = new Answer(name);
    answers.set(name, answer);
    return Promise.resolve({ answer, failure: failure ? fail(failure) : undefined });
  };
  const left = Object.keys(outcomes);
  const next = async (failure?: GatewayError) =>
    failure === undefined || failure.code === 'upstream_account_busy' || moveOn(failure) ? left.shift() : undefined;
  return { result: firstToAnswer(next, attempt, none), tried, answers };
}

describe('firstToAnswer', () => {
  it('is committed to the first that answers', async () => {
    const { result, tried } = run({ a: {}, b: {} });
    await expect(result).resolves.toMatchObject({ name: 'a' });
    expect(tried).toEqual(['a']);
  });

  it.each([
    'upstream_request_failed',
    'server_is_overloaded',
    'upstream_quota_exhausted',
    'upstream_account_rejected',
  ] as const)('moves on after %s', async (code) => {
    await expect(run({ a: { throws: code }, b: {} }).result).resolves.toMatchObject({ name: 'b' });
  });

  it('stops at a failure that every account would repeat', async () => {
    const { result, tried } = run({ a: { throws: 'upstream_refused' }, b: {} });
    await expect(result).rejects.toMatchObject({ code: 'upstream_refused' });
    expect(tried).toEqual(['a']);
  });

  it('closes a failed answer before it asks the next account', async () => {
    const { result, answers } = run({ a: { failure: 'server_is_overloaded' }, b: {} });
    await expect(result).resolves.toMatchObject({ name: 'b' });
    expect(answers.get('a')?.closed).toBe(true);
  });

  it('delivers the failed answer of the last account as it came (trap 13)', async () => {
    const { result, answers } = run({ a: { throws: 'upstream_error' }, b: { failure: 'server_is_overloaded' } });
    await expect(result).resolves.toMatchObject({ name: 'b' });
    expect(answers.get('b')?.closed).toBe(false);
  });

  it('throws a quota failure of the last account, because clients read it from the status only', async () => {
    const { result, answers } = run({ a: { failure: 'upstream_quota_exhausted' } });
    await expect(result).rejects.toMatchObject({ code: 'upstream_quota_exhausted' });
    expect(answers.get('a')?.closed).toBe(true);
  });

  it('throws the last failure when every account failed', async () => {
    const { result } = run({ a: { throws: 'upstream_timeout' }, b: { throws: 'upstream_error' } });
    await expect(result).rejects.toMatchObject({ code: 'upstream_error' });
  });

  it('delivers a failed answer at once where no other account may be asked', async () => {
    const { result, tried } = run({ a: { failure: 'server_is_overloaded' }, b: {} }, () => false);
    await expect(result).resolves.toMatchObject({ name: 'a' });
    expect(tried).toEqual(['a']);
  });

  it('has its own error for an empty list', async () => {
    await expect(run({}).result).rejects.toMatchObject({ code: 'no_eligible_backend' });
  });
});

describe('mayMoveOn', () => {
  const unsent = new GatewayError('upstream_request_failed', 'No connection.', { unsent: true });
  const sent = new GatewayError('upstream_request_failed', 'Reset.');

  it('lets a model call go on as long as another account may do better', () => {
    expect(mayMoveOn({ operation: 'responses' }, sent)).toBe(true);
    expect(mayMoveOn({ operation: 'responses' }, fail('upstream_refused'))).toBe(false);
  });

  it('lets a realtime call go on only when nothing was sent', () => {
    expect(mayMoveOn({ operation: 'realtime_calls' }, unsent)).toBe(true);
    expect(mayMoveOn({ operation: 'realtime_calls' }, sent)).toBe(false);
  });

  it('never sends a compaction to a second account (trap 39)', () => {
    expect(mayMoveOn({ operation: 'compact' }, unsent)).toBe(false);
    expect(mayMoveOn({ operation: 'compaction' }, sent)).toBe(false);
  });
});
