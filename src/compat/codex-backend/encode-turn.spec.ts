import { collect, from, GatewayError, jsonEvent, SseFramer, type AccountId } from '../../core/index.js';
import type { AnswerHead, AnswerPart } from '../../exchange/index.js';
import { encodeTurn } from './encode-turn.js';

const head = (headers: Record<string, string> = {}): AnswerHead => ({
  kind: 'head',
  status: 200,
  accountId: 'a' as AccountId,
  headers,
});
const frame = (text: string): AnswerPart => ({ kind: 'batch', ...jsonEvent(Buffer.from(text)) });
const encode = (parts: AsyncIterable<AnswerPart>, etag?: string) =>
  encodeTurn(parts, { model: 'gpt-5.5', etag: Promise.resolve(etag), nowMs: () => 0 });
const encoded = (...texts: string[]) => collect(encode(from(texts.map(frame))));
const parsed = (texts: string[]): unknown[] => texts.map((text) => JSON.parse(text) as unknown);
const reopen = expect.objectContaining({
  type: 'error',
  status: 400,
  error: expect.objectContaining({ code: 'websocket_connection_limit_reached' }) as object,
}) as object;

const COMPLETED = '{"type":"response.completed","response":{"id":"r","error":null}}';

describe('a turn on a websocket', () => {
  it('is told in the upstream’s own text: key order, numbers, nulls, unknown events', async () => {
    const texts = ['{"z":1.0, "type":"codex.new_thing","a":[1e2]}', '{"type":"codex.rate_limits","x":null}', COMPLETED];
    expect(await encoded(...texts)).toEqual(texts);
  });

  it('begins with what HTTP says in headers: once, in the two events that clients look at', async () => {
    const parts = [
      head({ 'openai-model': 'gpt-5.5', 'x-codex-turn-state': 's', 'content-type': 'x' }),
      frame(COMPLETED),
    ];
    expect(await collect(encode(from(parts), 'W/"1"'))).toEqual([
      '{"type":"codex.response.metadata","headers":{"x-models-etag":"W/\\"1\\"","openai-model":"gpt-5.5"}}',
      '{"type":"response.metadata","headers":{"x-codex-turn-state":"s"}}',
      COMPLETED,
    ]);
    expect(await collect(encode(from([head(), frame(COMPLETED)])))).toEqual([COMPLETED]);
  });

  it('is told frame by frame when it came over HTTP, without comments and without [DONE]', async () => {
    const batch = new SseFramer().push(
      Buffer.from(`: hi\n\nevent: x\ndata: {"type":"a",\ndata: "b":1}\n\ndata: [DONE]\n\ndata: ${COMPLETED}\n\n`),
    );
    const parts: AnswerPart[] = batch ? [{ kind: 'batch', ...batch }] : [];
    expect(await collect(encode(from(parts)))).toEqual(['{"type":"a",\n"b":1}', COMPLETED]);
  });

  it('shows of headers inside events only those that a client may see', async () => {
    const [metadata, created, text] = await encoded(
      '{"type":"response.metadata","headers":{"x-codex-turn-state":"s","set-cookie":"c","openai-model":"gpt-other"}}',
      '{"type":"response.created","response":{"id":"r","headers":{"X-Reasoning-Included":"1","x-codex-primary-used-percent":"9"}}}',
      '{"type":"response.output_text.delta","delta":"say \\"headers\\": {}"}',
    );
    expect(parsed([metadata ?? '', created ?? ''])).toEqual([
      { type: 'response.metadata', headers: { 'x-codex-turn-state': 's' } },
      { type: 'response.created', response: { id: 'r', headers: { 'X-Reasoning-Included': '1' } } },
    ]);
    expect(text).toBe('{"type":"response.output_text.delta","delta":"say \\"headers\\": {}"}');
  });

  it.each([
    [
      'an error frame without a status',
      '{"type":"error","error":{"code":"server_error","message":"m"}}',
      'server_error',
    ],
    [
      'a failure of the moment',
      '{"type":"error","status":503,"error":{"code":"slow_down","message":"m"}}',
      'slow_down',
    ],
    [
      'one account’s usage limit in the middle of an answer',
      '{"type":"error","status":429,"error":{"type":"usage_limit_reached","message":"m","plan_type":"pro"}}',
      'server_error',
    ],
    ['a failing incomplete', '{"type":"response.incomplete","response":{"id":"r","error":{"code":"x_y"}}}', 'x_y'],
  ])('ends with response.failed for %s', async (_, text, code) => {
    expect(parsed(await encoded(text))).toMatchObject([{ type: 'response.failed', response: { error: { code } } }]);
  });

  it('ends with the upstream’s error frame when that is about this very request', async () => {
    const error = { type: 'invalid_request_error', code: 'invalid_prompt', message: 'm', param: 'input' };
    const text = JSON.stringify({ type: 'error', status_code: 400, error, headers: { 'set-cookie': 'c' } });
    expect(parsed(await encoded(text))).toEqual([{ type: 'error', status: 400, error }]);
  });

  it.each(['previous_response_not_found', 'invalid_previous_response_id', 'websocket_connection_limit_reached'])(
    'has the client come back with its full input on %s (trap 52)',
    async (code) => {
      expect(parsed(await encoded(JSON.stringify({ type: 'error', status: 400, error: { code } })))).toEqual([reopen]);
      const failed = { type: 'response.failed', response: { id: 'r', error: { code, message: 'm' } } };
      expect(parsed(await encoded(JSON.stringify(failed)))).toEqual([reopen]);
    },
  );

  it('turns response.done into response.completed', async () => {
    expect(parsed(await encoded('{"type":"response.done","response":{"id":"r"}}'))).toEqual([
      { type: 'response.completed', response: { id: 'r' } },
    ]);
  });

  it('throws what broke it before its end, and nothing after it (trap 53)', async () => {
    async function* breaking(...texts: string[]): AsyncGenerator<AnswerPart> {
      yield* texts.map(frame);
      throw new GatewayError('stream_interrupted', 'Broken.');
    }
    await expect(collect(encode(breaking('{"type":"response.created"}')))).rejects.toMatchObject({
      code: 'stream_interrupted',
    });
    expect(await collect(encode(breaking(COMPLETED)))).toEqual([COMPLETED]);
  });
});
