import { attemptsOf, eventsIn, settlementOf, typesIn } from '../support/calls.js';
import { ask, hello, useGateway } from '../support/gateway.js';
import { newPool, type TestPool } from '../support/pools.js';
import {
  burst429,
  createdThenFailed,
  failAfterHeaders,
  failBeforeHeaders,
  failedFirstEvent,
  json,
  overloaded503,
  quota429,
  ScriptedUpstream,
  unauthorized,
  type Reply,
} from '../support/scripted-upstream/index.js';

interface Failure {
  readonly name: string;
  /** What the first account answers; the last one for the call itself, those before it are refused tokens. */
  readonly replies: readonly Reply[];
  /** What the attempt is called in the ledger. */
  readonly attemptCode: string;
  readonly upstreamStatus: number | null;
  /** Whether the account sits out from then on. */
  readonly cools: boolean;
  /** What the client gets when there is no other account: a status and the code in the body, or in the last event. */
  readonly alone: readonly [status: number, code: string];
  /** Whose words those are. */
  readonly source: 'gateway' | 'upstream' | null;
}

const refusal = (code: string, type: string) => ({ error: { message: 'No.', type, code, param: null } });

const FAILURES: readonly Failure[] = [
  {
    name: 'a burst 429',
    replies: [burst429()],
    attemptCode: 'rate_limit_exceeded',
    upstreamStatus: 429,
    cools: true,
    alone: [429, 'rate_limit_exceeded'],
    source: 'gateway',
  },
  {
    name: 'a quota 429',
    replies: [quota429(3600)],
    attemptCode: 'usage_limit_reached',
    upstreamStatus: 429,
    cools: true,
    alone: [429, 'usage_limit_reached'],
    source: 'gateway',
  },
  {
    name: 'a quota failure as the first event',
    replies: [failedFirstEvent('usage_limit_reached')],
    attemptCode: 'usage_limit_reached',
    upstreamStatus: null,
    cools: true,
    alone: [429, 'usage_limit_reached'],
    source: 'gateway',
  },
  {
    name: 'a 503 of an overloaded server',
    replies: [overloaded503()],
    attemptCode: 'server_is_overloaded',
    upstreamStatus: 503,
    cools: false,
    alone: [503, 'server_is_overloaded'],
    source: 'upstream',
  },
  {
    name: 'a 500',
    replies: [json(500, refusal('server_error', 'server_error'))],
    attemptCode: 'server_error',
    upstreamStatus: 500,
    cools: false,
    alone: [500, 'server_error'],
    source: 'upstream',
  },
  {
    name: 'a connection that is closed before the headers',
    replies: [failBeforeHeaders()],
    attemptCode: 'upstream_request_failed',
    upstreamStatus: null,
    cools: false,
    alone: [502, 'upstream_request_failed'],
    source: 'gateway',
  },
  {
    name: 'a connection that is reset before the headers',
    replies: [failBeforeHeaders('reset')],
    attemptCode: 'upstream_request_failed',
    upstreamStatus: null,
    cools: false,
    alone: [502, 'upstream_request_failed'],
    source: 'gateway',
  },
  {
    name: 'a connection that breaks after the headers',
    replies: [failAfterHeaders()],
    attemptCode: 'stream_interrupted',
    upstreamStatus: null,
    cools: false,
    alone: [502, 'stream_interrupted'],
    source: 'gateway',
  },
  {
    name: 'server_error as the first event',
    replies: [failedFirstEvent('server_error')],
    attemptCode: 'server_error',
    upstreamStatus: null,
    cools: false,
    alone: [200, 'server_error'],
    source: null,
  },
  {
    name: 'server_is_overloaded as the first event',
    replies: [failedFirstEvent('server_is_overloaded')],
    attemptCode: 'server_is_overloaded',
    upstreamStatus: null,
    cools: false,
    alone: [200, 'server_is_overloaded'],
    source: null,
  },
  {
    name: 'a failure after response.created',
    replies: [createdThenFailed('server_is_overloaded')],
    attemptCode: 'server_is_overloaded',
    upstreamStatus: null,
    cools: false,
    alone: [200, 'server_is_overloaded'],
    source: null,
  },
  {
    name: 'a 401 that a new token does not cure',
    replies: [unauthorized(), unauthorized()],
    attemptCode: 'token_expired',
    upstreamStatus: 401,
    cools: true,
    alone: [401, 'token_expired'],
    source: 'upstream',
  },
  {
    name: 'a 403 for the account',
    replies: [json(403, refusal('account_suspended', 'forbidden'))],
    attemptCode: 'account_suspended',
    upstreamStatus: 403,
    cools: true,
    alone: [403, 'account_suspended'],
    source: 'upstream',
  },
  {
    name: 'a 404 for the model',
    replies: [json(404, refusal('model_not_found', 'invalid_request_error'))],
    attemptCode: 'model_not_found',
    upstreamStatus: 404,
    cools: false,
    alone: [404, 'model_not_found'],
    source: 'upstream',
  },
];

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream });

const codeIn = (text: string): unknown => {
  const last = text.startsWith('{') ? (JSON.parse(text) as object) : eventsIn(text).at(-1)?.response;
  return (last as { error?: { code?: unknown } } | undefined)?.error?.code;
};

const servedBy = (count: number): (string | undefined)[] =>
  upstream.received.slice(-count).map(({ accountId }) => accountId);

const other = ({ accounts }: TestPool, id: string | undefined) => accounts.find((account) => account.id !== id)?.id;

describe.each(FAILURES)('$name', ({ replies, attemptCode, upstreamStatus, cools, alone, source }) => {
  const failed = { status: 'failed', error_code: attemptCode, upstream_status: upstreamStatus };

  it('moves the call to the other account, and the client sees nothing of it', async () => {
    const team = await newPool(gateway, upstream, [{}, {}]);
    upstream.replyWith(...replies, hello());

    const answer = await team.post(ask());
    const types = typesIn(await answer.text());

    expect([answer.status, types[0], types.at(-1)]).toEqual([200, 'response.created', 'response.completed']);
    expect(types.filter((type) => type === 'response.created')).toHaveLength(1);
    const accounts = servedBy(replies.length + 1);
    expect(accounts.at(-1)).toBe(other(team, accounts[0]));
    const row = await settlementOf(gateway, answer);
    expect(row).toMatchObject({ status: 'succeeded', outcome: 'succeeded', error_code: null, attempt_count: 2 });
    expect(await attemptsOf(gateway, row)).toMatchObject([
      { number: 1, account_label: accounts[0], ...failed },
      { number: 2, account_label: accounts.at(-1), status: 'succeeded', error_code: null },
    ]);
  });

  it(cools ? 'keeps the next call away from the account' : 'lets nobody sit out', async () => {
    const team = await newPool(gateway, upstream, [{}, {}]);
    upstream.replyWith(...replies, hello());
    await (await team.post(ask())).text();
    const [first] = servedBy(replies.length + 1);

    upstream.replyWith(hello());
    await (await team.post(ask())).text();

    if (cools) expect(servedBy(1)).toEqual([other(team, first)]);
    const cooling = (await team.snapshot()).filter(({ coolingUntilMs }) => coolingUntilMs > 0);
    expect(cooling.map(({ label }) => label)).toEqual(cools ? [first] : []);
  });

  it(`reaches the client as ${alone.join(' ')} when there is no other account (trap 13)`, async () => {
    const team = await newPool(gateway, upstream, [{}]);
    const before = upstream.received.length;
    upstream.replyWith(...replies);

    const answer = await team.post(ask());

    expect([answer.status, codeIn(await answer.text())]).toEqual(alone);
    expect(answer.headers.get('x-pooler-error-source')).toBe(source);
    expect(upstream.received).toHaveLength(before + replies.length);
    const row = await settlementOf(gateway, answer);
    expect(row).toMatchObject({ status: 'failed', outcome: 'failed', http_status: alone[0], attempt_count: 1 });
    expect(row['usage_known']).toBe(false);
    expect(await attemptsOf(gateway, row)).toMatchObject([failed]);
  });
});
