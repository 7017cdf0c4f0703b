import { CallBody, from, jsonEvent, type RoutedCall } from '../../core/index.js';
import type { AnswerPart } from '../../exchange/index.js';
import { compactCall, compactedResponse, compactRequest } from './compact.js';

const trigger = { type: 'compaction_trigger' };
const RECEIVED = { id: 'aaaa-bbbb' as RoutedCall['id'], receivedAtMs: 1_790_000_000_500 };
const answer = (object: unknown): AsyncIterable<AnswerPart> =>
  from<AnswerPart>([{ kind: 'batch', ...jsonEvent(Buffer.from(JSON.stringify(object))) }]);

describe('a compact request', () => {
  it('is a Responses request without its trigger, and without what is ours', () => {
    const body = { model: 'm', input: ['a', trigger], stream: false, prompt_cache_options: {}, text: null };
    expect(compactRequest(body)).toEqual({ model: 'm', input: ['a'] });
  });

  it.each([
    ['temperature', 'unsupported_parameter', { temperature: 1 }],
    ['store', 'unsupported_parameter', { store: true }],
    ['stream', 'invalid_request', { stream: true }],
  ])('is refused with %s', (param, code, over) => {
    expect(() => compactRequest({ model: 'm', input: 'x', ...over })).toThrow(
      expect.objectContaining({ code, detail: { param } }) as Error,
    );
  });

  it('goes to the endpoint with what that takes, and nothing else', () => {
    const sent = { model: 'm', instructions: 'i', input: [], store: false, stream: true, include: ['x'], tools: [] };
    const call = compactCall({ body: new CallBody(Buffer.from(JSON.stringify(sent))), stream: true } as RoutedCall);
    expect(call).toMatchObject({ operation: 'compact', stream: false });
    expect(JSON.parse(call.body.bytes.toString())).toEqual({ model: 'm', input: [], instructions: 'i', tools: [] });
  });
});

describe('what a conversation was folded into', () => {
  it('holds messages and the compaction, and nothing else of them', async () => {
    const output = [
      { type: 'message', id: 'msg_1', role: 'user', status: 'completed', content: [{ type: 'input_text', text: 'x' }] },
      { type: 'reasoning', encrypted_content: 'r' },
      { type: 'compaction_summary', id: 'cmp_1', encrypted_content: 'sealed', secret: 1 },
    ];
    const usage = { input_tokens: 9, output_tokens: 2, total_tokens: 11 };
    expect(await compactedResponse(answer({ id: 'resp_1', created_at: 7, output, usage }), RECEIVED)).toEqual({
      id: 'resp_1',
      object: 'response.compaction',
      created_at: 7,
      output: [
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'x' }] },
        { type: 'compaction', id: 'cmp_1', encrypted_content: 'sealed' },
      ],
      usage,
    });
  });

  it('gets a name and a time when it has none', async () => {
    const output = [{ type: 'compaction', encrypted_content: 'sealed' }];
    expect(await compactedResponse(answer({ output }), RECEIVED)).toMatchObject({
      id: 'resp_aaaabbbb',
      created_at: 1_790_000_000,
      usage: null,
    });
  });

  it.each([
    ['no output', {}],
    ['no compaction', { output: [{ type: 'message', role: 'user', content: [] }] }],
    ['a blank compaction', { output: [{ type: 'compaction', encrypted_content: ' ' }] }],
    ['no object', []],
  ])('is an error with %s', async (_, given) => {
    await expect(compactedResponse(answer(given), RECEIVED)).rejects.toMatchObject({
      code: 'invalid_compaction_response',
      status: 502,
    });
  });
});
