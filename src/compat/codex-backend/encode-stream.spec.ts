import { collect, from, jsonEvent, SseFramer, type AccountId } from '../../core/index.js';
import type { AnswerHead, AnswerPart } from '../../exchange/index.js';
import { encode } from './encode-stream.js';

const HEAD: AnswerHead = {
  kind: 'head',
  status: 200,
  accountId: 'a' as AccountId,
  headers: { 'content-type': 'text/event-stream; charset=utf-8' },
};

const encoded = async (...texts: string[]): Promise<string> => {
  const framer = new SseFramer();
  const parts = texts.flatMap((text): AnswerPart[] => {
    const batch = framer.push(Buffer.from(text));
    return batch ? [{ kind: 'batch', ...batch }] : [];
  });
  return Buffer.concat(await collect(encode(from(parts), HEAD))).toString();
};

const data = (text: string): unknown => JSON.parse(text.slice(text.indexOf('data: ') + 6));

describe('codex stream', () => {
  it('relays every byte of a good stream: comments, CRLF, key order, nulls, unknown events', async () => {
    const stream =
      ': hello\r\n\r\nevent: x\ndata: {"type":"codex.new_thing","a":1.0}\n\n' +
      'data: {"type":"response.completed","response":{"id":"r","error":null,"status":"completed"}}\n\n';
    expect(await encoded(stream)).toBe(stream);
  });

  it('leaves the namespace of a custom tool call where it is (trap 30)', async () => {
    const item = { type: 'custom_tool_call', call_id: 'c', name: 'run', namespace: 'mcp__x', input: 'text, no JSON' };
    const event = `data: ${JSON.stringify({ type: 'response.output_item.done', item })}\n\n`;
    expect(await encoded(event)).toBe(event);
  });

  it('relays a failure that Codex can read as it came', async () => {
    const failed =
      'data: {"type":"response.failed","response":{"id":"r","error":{"code":"invalid_prompt","message":"m"}}}\n\n';
    expect(await encoded(failed)).toBe(failed);
  });

  it.each([
    ['an error event', '{"type":"error","error":{"code":"server_error","message":"m"}}', 'server_error'],
    [
      'a failure with a top-level error',
      '{"type":"response.failed","error":{"code":"slow_down","message":"m"}}',
      'slow_down',
    ],
    [
      'a failure without a code',
      '{"type":"response.failed","response":{"id":"r","error":{"message":"m"}}}',
      'server_error',
    ],
    [
      'a failing incomplete',
      '{"type":"response.incomplete","response":{"id":"r","error":{"code":"x_y","message":"m"}}}',
      'x_y',
    ],
    [
      'a refused continuation',
      '{"type":"error","error":{"code":"previous_response_not_found","message":"m"}}',
      'stream_incomplete',
    ],
  ])('turns %s into response.failed with its code inside the response', async (_, event, code) => {
    const text = await encoded(`data: ${event}\n\n`);
    expect(text).toMatch(/^event: response\.failed\ndata: /);
    expect(data(text)).toMatchObject({ type: 'response.failed', response: { status: 'failed', error: { code } } });
  });

  it('leaves what came before the failure in the same read untouched', async () => {
    const delta = 'data: {"type":"response.output_text.delta","delta":"hi"}\n\n';
    const text = await encoded(delta + 'data: {"type":"error","error":{"code":"server_error","message":"m"}}\n\n');
    expect(text.startsWith(delta + 'event: response.failed')).toBe(true);
  });

  it.each(['\n\n', '\r\n\r\n', '\r\r', '\n\r\n', '\r\n\r'])('adds nothing to a block closed by %j', async (end) => {
    const parts: AnswerPart[] = [{ kind: 'batch', raw: Buffer.from(`data: {}${end}`), events: [] }];
    expect(Buffer.concat(await collect(encode(from(parts), HEAD))).toString()).toBe(`data: {}${end}`);
  });

  it.each(['', '\n', '\r\n'])('closes a last block that ended in %j only', async (end) => {
    const parts: AnswerPart[] = [{ kind: 'batch', raw: Buffer.from(`data: {}${end}`), events: [] }];
    expect(Buffer.concat(await collect(encode(from(parts), HEAD))).toString()).toBe(`data: {}${end}\n\n`);
  });

  it.each([
    ['response.done', '{"type":"response.done","response":{"id":"r","error":null}}', 'response.completed'],
    ['a response without a type', '{"response":{"id":"r","status":"completed"}}', 'response.completed'],
    ['a bare response', '{"id":"r","output":[]}', 'response.completed'],
    ['a bare response that was cut', '{"id":"r","output":[],"status":"incomplete"}', 'response.incomplete'],
  ])('turns %s into an end that Codex waits for', async (_, event, type) => {
    const text = await encoded(`data: ${event}\n\n`);
    expect(text.startsWith(`event: ${type}\ndata: `)).toBe(true);
    expect(data(text)).toMatchObject({ type, response: { id: 'r' } });
  });

  it.each(['{"id":"r","output":[]}', '{"error":{"code":"x"}}'])(
    'leaves an answer that is no stream as it is: %s',
    async (body) => {
      const parts: AnswerPart[] = [{ kind: 'batch', ...jsonEvent(Buffer.from(body)) }];
      const head: AnswerHead = {
        kind: 'head',
        status: 200,
        accountId: 'a' as AccountId,
        headers: { 'content-type': 'application/json' },
      };
      expect(Buffer.concat(await collect(encode(from(parts), head))).toString()).toBe(body);
    },
  );

  it('leaves an ordinary incomplete response alone', async () => {
    const event =
      'data: {"type":"response.incomplete","response":{"id":"r","incomplete_details":{"reason":"max_output_tokens"}}}\n\n';
    expect(await encoded(event)).toBe(event);
  });
});
