import { answered, brokenOff } from '../../test/support/answered.js';
import { LANES, type Lane } from '../../test/support/dialect-lanes.js';
import { ERRORS, GatewayError, type ErrorCode } from '../core/index.js';
import type { AnswerPart } from '../exchange/index.js';
import { eventStream } from '../platform/http/index.js';
import { DIALECTS } from './dialects.js';

const SECRET = 'eyJhbGciOiJub25lIn0.canary';
const CODES = Object.keys(ERRORS) as ErrorCode[];
const NOW = 1_790_000_000_000;

const RESPONSE = { id: 'resp_1', object: 'response', created_at: 1_790_000_000, model: 'gpt-5.5' };
const message = (text: string) => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  content: [{ type: 'output_text', text, annotations: [] }],
});
const call = { id: 'fc_1', type: 'function_call', call_id: 'call_1', name: 'look', arguments: '{"a":1}' };
const ANSWER: readonly object[] = [
  { type: 'response.created', response: { ...RESPONSE, status: 'in_progress', output: [] } },
  { type: 'response.output_item.added', output_index: 0, item: { ...message(''), content: [] } },
  { type: 'response.output_text.delta', item_id: 'msg_1', output_index: 0, content_index: 0, delta: 'Hello' },
  { type: 'response.output_item.done', output_index: 0, item: message('Hello') },
  { type: 'response.output_item.added', output_index: 1, item: { ...call, arguments: '' } },
  { type: 'response.function_call_arguments.delta', item_id: 'fc_1', output_index: 1, delta: '{"a":1}' },
  { type: 'response.output_item.done', output_index: 1, item: call },
  {
    type: 'response.completed',
    response: {
      ...RESPONSE,
      status: 'completed',
      output: [],
      usage: { input_tokens: 3, output_tokens: 2, total_tokens: 5 },
    },
  },
];
const failedWith = (code: string): object => ({
  type: 'response.failed',
  response: { ...RESPONSE, status: 'failed', error: { code, message: 'in their words' } },
});

/** What a client gets: the stream's text, or the refusal that came in its place. */
async function got({ dialect, stream }: Lane, parts: AsyncIterable<AnswerPart>): Promise<string> {
  const last = (error: unknown): string => dialect.renderStreamError(GatewayError.from(error));
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of await eventStream(stream(parts), last)) chunks.push(Buffer.from(chunk as Uint8Array));
    return Buffer.concat(chunks).toString();
  } catch (error) {
    return `refused with ${dialect.renderError(GatewayError.from(error), NOW).status}`;
  }
}

it('every registered dialect that streams keeps the contract below', () => {
  const streaming = new Set(LANES.map(({ dialect }) => dialect.name));
  const registered = new Set(DIALECTS.map(([, { name }]) => name).filter((name) => name !== 'openai'));
  expect(streaming).toEqual(registered);
});

describe.each(DIALECTS.map(([prefix, dialect]) => [`${dialect.name} at ${prefix}`, dialect] as const))(
  '%s',
  (_, dialect) => {
    it.each(CODES)('says %s with a status of its own and nothing of its cause', (code) => {
      const error = new GatewayError(code, 'Our words.', { cause: new Error(SECRET), upstreamCode: 'their_code' });
      const { status, body } = dialect.renderError(error, NOW, 'request-1');
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(600);
      const said = JSON.stringify(body);
      expect(said).toContain('Our words.');
      expect(JSON.parse(said)).toMatchObject({ error: { message: expect.any(String), type: expect.any(String) } });
      expect(said + dialect.renderStreamError(error)).not.toContain(SECRET);
    });
  },
);

describe.each(LANES.map((lane) => [lane.dialect.name, lane] as const))('a stream of %s', (_, lane) => {
  it('ends as finished when the answer did, and tells its text', async () => {
    const text = await got(lane, answered(...ANSWER));
    expect(text).toMatch(lane.finished);
    expect(text).not.toMatch(lane.failed);
    expect(text).toContain('Hello');
  });

  it.each(ANSWER.slice(0, -1).map((_event, at) => at))(
    'never looks finished when it is cut after event %d',
    async (at) => {
      const cut = new GatewayError('stream_interrupted', 'The upstream stream ended before its terminal event.');
      const text = await got(lane, brokenOff(cut, ...ANSWER.slice(0, at + 1)));
      expect(text).not.toMatch(lane.finished);
      expect(text.match(new RegExp(lane.failed.source, 'gm'))).toHaveLength(1);
    },
  );

  it.each(CODES)('that breaks off with %s fails once, in its own form', async (code) => {
    const text = await got(lane, brokenOff(new GatewayError(code, 'Our words.'), ...ANSWER.slice(0, 4)));
    expect(text).not.toMatch(lane.finished);
    expect(text.match(new RegExp(lane.failed.source, 'gm'))).toHaveLength(1);
    expect(text).toContain('Hello');
  });

  it.each(['server_error', 'context_length_exceeded', 'rate_limit_exceeded', 'made_up'])(
    'that the upstream ends with %s fails, first or in the middle',
    async (code) => {
      for (const before of [ANSWER.slice(0, 1), ANSWER.slice(0, 4)]) {
        const text = await got(lane, answered(...before, failedWith(code)));
        expect(text).not.toMatch(lane.finished);
        expect(text).toMatch(
          before.length === 1 ? new RegExp(`${lane.failed.source}|refused with [45]`, 'm') : lane.failed,
        );
      }
    },
  );

  it('passes or drops what it does not know, and goes on', async () => {
    const unknown = [
      { type: 'response.brand_new', deep: { value: [1, null, 'x'] } },
      { type: 'codex.made_up' },
      { type: 'response.output_item.done', output_index: 9, item: { type: 'thing_call', id: 'thing_1' } },
      { type: 'response.output_text.delta' },
      { type: 'response.output_item.added', item: null },
      { type: 'response.function_call_arguments.delta', item_id: 'nobody', delta: '{' },
    ];
    const text = await got(lane, answered(...ANSWER.slice(0, 4), ...unknown, ...ANSWER.slice(4)));
    expect(text).toMatch(lane.finished);
    expect(text).not.toMatch(lane.failed);
  });
});
