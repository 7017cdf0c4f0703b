import type { LimitValues } from '../../src/auth/index.js';
import { jsonOf } from '../support/calls.js';
import { CodexSocket, eventOf, turn } from '../support/codex-socket.js';
import { runCodex } from '../support/codex-cli.js';
import { eventually } from '../support/eventually.js';
import { ask, useGateway } from '../support/gateway.js';
import { LimitedKey, RESETS } from '../support/limited-keys.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';
import { useSdk } from '../support/sdk-process.js';

// Real clients: a busy machine takes its time.
jest.setTimeout(120_000);

const CODE = 'api_key_policy_limit_exceeded';
const CHAT = '/v1/chat/completions';
const MESSAGES = '/v1/messages';
const RESPONSES = '/v1/responses';

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream });
const sdk = useSdk('openai-responses', gateway);

const limited = (values: LimitValues) => LimitedKey.make(gateway, upstream, values);

interface Case {
  readonly param: string;
  readonly values: LimitValues;
  /** Absent: how often, or how large a call is. */
  readonly window?: keyof typeof RESETS;
}
const CASES: readonly Case[] = [
  { param: 'requests_per_minute', values: { requestsPerMinute: 1 } },
  { param: 'tokens_per_day', values: { tokensPerDay: 100_000 }, window: 'day' },
  { param: 'tokens_per_week', values: { tokensPerWeek: 100_000 }, window: 'week' },
  { param: 'usd_per_day', values: { usdPerDay: 1 }, window: 'day' },
  { param: 'usd_per_week', values: { usdPerWeek: 1 }, window: 'week' },
  { param: 'usd_per_month', values: { usdPerMonth: 1 }, window: 'month' },
  { param: 'max_input_tokens', values: { maxInputTokens: 5 } },
  { param: 'max_output_tokens', values: { maxOutputTokens: 50 } },
];
const ABOUT = {
  requests_per_minute: { native: 'rate_limit_exceeded', openai: 'rate_limit_error' },
  window: { native: 'usage_limit_reached', openai: 'usage_limit_reached' },
  call: { native: 'invalid_request_error', openai: 'invalid_request_error' },
};

const chat = () => ({ model: 'gpt-5.5', messages: [{ role: 'user', content: 'Say hello.' }] });
const most = { max_output_tokens: 100 };

describe.each(CASES)('$param, when it is reached,', ({ param, values, window }) => {
  let key: LimitedKey;
  let asked = 0;
  const isRate = param === 'requests_per_minute';
  const about = isRate ? ABOUT.requests_per_minute : window === undefined ? ABOUT.call : ABOUT.window;
  const error = (type: string) => {
    const at = window === undefined ? undefined : RESETS[window]() / 1_000;
    const resets = at === undefined ? {} : { resets_at: at, resets_in_seconds: expect.any(Number) as number };
    return { type, code: CODE, param, message: expect.stringContaining(param) as string, ...resets };
  };
  const told = ({ headers }: Response) => [
    Number(headers.get('retry-after') ?? 0) > 0,
    headers.get('x-pooler-error-source'),
    headers.get('x-should-retry'),
  ];

  beforeAll(async () => {
    key = await limited(values);
    if (isRate || window !== undefined) await key.use();
    asked = upstream.received.length;
  });

  it('is told to native clients over HTTP', async () => {
    const answer = await key.post(ask(most));
    expect(await jsonOf(answer)).toEqual({ status: 429, body: { error: error(about.native) } });
    expect(told(answer)).toEqual([isRate, 'gateway', null]);
  });

  it('is told to native clients in a turn, whose socket goes on', async () => {
    const socket = await CodexSocket.open(gateway, { key: key.token });
    for (let turns = 0; turns < 2; turns += 1) {
      const [frame = '{}', ...more] = await socket.ask(turn(most));
      const wait = isRate ? { headers: { 'retry-after': expect.stringMatching(/^\d+$/) as string } } : {};
      expect(eventOf(frame)).toEqual({ type: 'error', status: 429, error: error(about.native), ...wait });
      expect(more).toEqual([]);
    }
    socket.drop();
  });

  it.each([
    [RESPONSES, () => ({ model: 'gpt-5.5', input: 'Say hello.', ...most })],
    [RESPONSES, () => ({ model: 'gpt-5.5', input: 'Say hello.', stream: true, ...most })],
    [CHAT, () => ({ ...chat(), max_completion_tokens: 100 })],
  ])('is told to clients of %s', async (path, body) => {
    const answer = await key.post(body(), path);
    expect(await jsonOf(answer)).toEqual({ status: 429, body: { error: error(about.openai) } });
    expect(told(answer)).toEqual([isRate, 'gateway', isRate ? null : 'false']);
  });

  it('is told to clients of /v1/messages', async () => {
    const answer = await key.post({ ...chat(), max_tokens: 100 }, MESSAGES);
    const message = expect.stringContaining(param) as string;
    expect(await jsonOf(answer)).toMatchObject({
      status: 429,
      body: { type: 'error', error: { type: 'rate_limit_error', message } },
    });
    expect(told(answer)).toEqual([isRate, 'gateway', isRate ? null : 'false']);
  });

  it('is what the openai SDK throws as RateLimitError, at once', async () => {
    const thrown = await sdk.failure('createWith', key.token, { input: 'Hi', ...most });
    expect(thrown).toMatchObject({ class: 'RateLimitError', status: 429, code: CODE, param });
  });

  it('has a rejected row for every call, and none of them reached the upstream', async () => {
    expect(upstream.received.length).toBe(asked);
    await eventually(async () => {
      const rows = await gateway.database().query<Record<string, unknown>[]>(
        `SELECT outcome, usage_known, cost_status, output, error_code, http_status, blame, attempt_count
           FROM request JOIN ledger_entry ON call_id = id WHERE request.key_id = $1 AND status = 'rejected'`,
        [key.key.id],
      );
      expect(rows).toEqual(
        Array.from({ length: 8 }, () => ({
          outcome: 'rejected',
          usage_known: false,
          cost_status: 'none',
          output: null,
          error_code: CODE,
          http_status: 429,
          blame: 'limits',
          attempt_count: 0,
        })),
      );
    });
  });
});

describe('the user of a real Codex CLI whose budget is spent', () => {
  it.each([
    ['HTTP', false],
    ['websockets', true],
  ])('is told until when, and nothing is tried again, over %s', async (_way, websockets) => {
    const key = await limited({ usdPerDay: 1 });
    await key.use();
    const asked = upstream.received.length;
    const { exitCode, events } = await runCodex({
      version: 'latest',
      baseUrl: `${gateway.url}/backend-api/codex`,
      key: key.token,
      websockets,
      prompt: 'Say hello.',
    });
    const troubles = JSON.stringify(events.filter(({ type }) => type === 'error' || type === 'turn.failed'));
    expect([exitCode, troubles]).toEqual([1, expect.stringMatching(/hit your usage limit.*[Tt]ry again at/)]);
    expect(upstream.received.length).toBe(asked);
    await eventually(async () => expect([await key.entries(), await key.entries(true)]).toEqual([1, 1]));
  });
});
