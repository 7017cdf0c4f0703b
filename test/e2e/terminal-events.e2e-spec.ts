import { attemptsOf, eventsIn, settlementOf } from '../support/calls.js';
import { ask, useGateway } from '../support/gateway.js';
import {
  errorEvent,
  incomplete,
  json,
  raw,
  ScriptedUpstream,
  withHeaders,
} from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream });

const block = (event: object): string => `data: ${JSON.stringify(event)}\n\n`;
const TEXT = block({ type: 'response.output_text.delta', delta: 'Hel' });
const usage = {
  input_tokens: 100,
  input_tokens_details: { cached_tokens: 64 },
  output_tokens: 20,
  output_tokens_details: { reasoning_tokens: 5 },
  total_tokens: 120,
};
const response = (over: object = {}) => ({
  id: 'resp_7',
  status: 'completed',
  error: null,
  output: [],
  usage,
  ...over,
});
const COMPLETED = block({ type: 'response.completed', response: response() });

/** What the client reads of these bytes, and the answer they came with. */
async function relayed(...chunks: (string | Buffer)[]): Promise<{ answer: Response; bytes: Buffer }> {
  upstream.replyWith(raw(chunks));
  const answer = await gateway.post(ask());
  return { answer, bytes: Buffer.from(await answer.arrayBuffer()) };
}

const SUCCEEDED = { status: 'succeeded', outcome: 'succeeded', error_code: null, usage_known: true };

describe.each<[string, object]>([
  ['response.completed', { type: 'response.completed', response: response() }],
  [
    'response.incomplete for an ordinary reason',
    {
      type: 'response.incomplete',
      response: response({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }),
    },
  ],
])('a stream that ends in %s', (_, event) => {
  const terminal = block(event);

  it('is a success, relayed byte for byte, its usage known (trap 7, trap 8)', async () => {
    const { answer, bytes } = await relayed(TEXT, terminal);

    expect(bytes.toString()).toBe(TEXT + terminal);
    expect(await settlementOf(gateway, answer)).toMatchObject({ ...SUCCEEDED, input_uncached: '36', output: '15' });
  });

  it('may leave out the empty line at its end (trap 4)', async () => {
    const { answer, bytes } = await relayed(TEXT, terminal.slice(0, -2));

    expect(bytes.toString()).toBe(TEXT + terminal);
    expect(await settlementOf(gateway, answer)).toMatchObject(SUCCEEDED);
  });

  it('counts without that line also when the client leaves as soon as it has it (trap 4)', async () => {
    upstream.replyWith(raw([TEXT, terminal.slice(0, -2)]));
    const client = new AbortController();
    const answer = await gateway.post(ask(), { signal: client.signal });
    let text = '';
    for await (const bytes of answer.body ?? []) {
      text += Buffer.from(bytes).toString();
      if (text === TEXT + terminal) break;
    }
    client.abort();

    expect(text).toBe(TEXT + terminal);
    expect(await settlementOf(gateway, answer)).toMatchObject(SUCCEEDED);
  });

  it('says nothing more to the client, whatever follows (trap 9)', async () => {
    const late = block({ type: 'response.failed', response: { error: { code: 'server_error' } } }) + TEXT;
    const together = await relayed(TEXT + terminal + late + COMPLETED);
    const apart = await relayed(TEXT, terminal, late, 'data: [DONE]\n\n');

    expect([together.bytes.toString(), apart.bytes.toString()]).toEqual([TEXT + terminal, TEXT + terminal]);
    expect(await settlementOf(gateway, together.answer)).toMatchObject(SUCCEEDED);
  });
});

it.each<[string, object]>([
  ['response.done', { type: 'response.done', response: response() }],
  ['a completed response without a type', { response: response() }],
  ['a bare response', response({ object: 'response' })],
])('turns %s into the response.completed that Codex waits for (trap 6)', async (_, event) => {
  const { answer, bytes } = await relayed(TEXT, block(event), TEXT);

  const events = eventsIn(bytes.toString());
  expect(events.map(({ type }) => type)).toEqual(['response.output_text.delta', 'response.completed']);
  expect(events[1]?.response).toMatchObject({ id: 'resp_7', status: 'completed', error: null, usage });
  expect(await settlementOf(gateway, answer)).toMatchObject(SUCCEEDED);
});

const failure = (error: object) => ({ type: 'response.failed', response: { id: 'resp_7', status: 'failed', error } });

it.each([
  ['context_length_exceeded', 'Too long.'],
  ['rate_limit_exceeded', 'Please try again in 1.5s.'],
  ['server_is_overloaded', 'Busy.'],
])('relays response.failed with the code %s as it came (trap 19)', async (code, message) => {
  const failed = block(failure({ code, message }));
  const { answer, bytes } = await relayed(TEXT, failed);

  expect(bytes.toString()).toBe(TEXT + failed);
  expect(await settlementOf(gateway, answer)).toMatchObject({ status: 'failed', error_code: code, blame: 'upstream' });
});

it('keeps the code of a failure that comes as JSON (trap 19)', async () => {
  const { response: failed } = failure({ code: 'context_length_exceeded', message: 'Too long.' });
  const whole = { object: 'response', ...failed, output: [] };
  upstream.replyWith(json(200, whole), json(400, { error: failed.error }));
  const answers = [await gateway.post(ask({ stream: false })), await gateway.post(ask())];

  expect([await answers[0]?.json(), await answers[1]?.json()]).toEqual([whole, { error: failed.error }]);
  for (const answer of answers) {
    const row = await settlementOf(gateway, answer);
    expect(row).toMatchObject({ status: 'failed', error_code: expect.any(String) as string });
    expect(JSON.stringify([row, await attemptsOf(gateway, row)])).toContain('context_length_exceeded');
  }
});

it.each<[string, object, string, string, string]>([
  ['an error event', { type: 'error', code: 'bad_thing', message: 'No.' }, 'bad_thing', 'bad_thing', 'resp_failed'],
  [
    'an error event that wraps an HTTP answer',
    { type: 'error', status: 429, error: { type: 'x', code: 'slow_down', message: 'No.' } },
    'slow_down',
    'slow_down',
    'resp_failed',
  ],
  [
    'response.failed without a nested code',
    { type: 'response.failed', error: { code: 'outer' }, response: { id: 'resp_7', status: 'failed' } },
    'outer',
    'outer',
    'resp_7',
  ],
  [
    'response.failed without any code',
    failure({ message: 'No.' }),
    'server_error',
    'upstream_terminal_failure',
    'resp_7',
  ],
  [
    'response.incomplete with an error in it',
    { type: 'response.incomplete', response: { id: 'resp_7', status: 'incomplete', error: { code: 'cut_off' } } },
    'cut_off',
    'cut_off',
    'resp_7',
  ],
  ['a detail without a type', { detail: 'No.' }, 'server_error', 'upstream_terminal_failure', 'resp_failed'],
  [
    'a continuation that is gone',
    failure({ code: 'previous_response_not_found', message: 'resp_1 is not there.' }),
    'stream_incomplete',
    'previous_response_not_found',
    'resp_7',
  ],
])('turns %s into the response.failed that Codex reads', async (_, event, shown, settled, id) => {
  const { answer, bytes } = await relayed(TEXT, block(event));

  const events = eventsIn(bytes.toString());
  expect(bytes.toString().startsWith(TEXT)).toBe(true);
  expect(events).toHaveLength(2);
  expect(events[1]).toMatchObject({
    type: 'response.failed',
    response: { id, status: 'failed', error: { code: shown, message: expect.any(String) as string } },
  });
  const row = await settlementOf(gateway, answer);
  expect(row).toMatchObject({ status: 'failed', error_code: settled, blame: 'upstream', usage_known: false });
});

it('tells no completion that comes after a failure (trap 9)', async () => {
  const failed = block(failure({ code: 'server_is_overloaded', message: 'Busy.' }));
  const together = await relayed(TEXT + failed + COMPLETED);
  const apart = await relayed(TEXT, failed, COMPLETED);

  expect([together.bytes.toString(), apart.bytes.toString()]).toEqual([TEXT + failed, TEXT + failed]);
  expect(await settlementOf(gateway, apart.answer)).toMatchObject({ status: 'failed', usage_known: false });
});

it('delivers a failed first event of the client as it came, and asks nobody else', async () => {
  const before = upstream.received.length;
  const failed = block(failure({ code: 'invalid_prompt', message: 'No.' }));
  const { bytes } = await relayed(failed);

  expect(bytes.toString()).toBe(failed);
  expect(upstream.received).toHaveLength(before + 1);
});

it('counts the usage of an answer that failed', async () => {
  const { answer } = await relayed(TEXT, block({ ...failure({ code: 'x' }), usage }));

  expect(await settlementOf(gateway, answer)).toMatchObject({
    status: 'failed',
    usage_known: true,
    input_cached: '64',
  });
});

it.each([
  ['an answer that was cut for its length', incomplete('max_output_tokens'), 'succeeded'],
  ['a lone error event', errorEvent('bad_thing'), 'failed'],
] as const)('settles %s', async (_, reply, status) => {
  upstream.replyWith(withHeaders({}, reply));
  const answer = await gateway.post(ask());
  await answer.text();

  expect(await settlementOf(gateway, answer)).toMatchObject({ status });
});
