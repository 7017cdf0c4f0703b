import {
  collect,
  frameOf,
  from,
  GatewayError,
  jsonEvent,
  SseFramer,
  type AccountId,
  type EventBatch,
} from '../../core/index.js';
import type { AnswerPart } from '../../exchange/index.js';
import { onlyCompaction } from './only-compaction.js';

const head: AnswerPart = { kind: 'head', status: 200, accountId: 'a' as AccountId, headers: {} };
const part = (batch: EventBatch): AnswerPart => ({ kind: 'batch', ...batch });
const sse = (...events: object[]): AnswerPart => {
  const batch = new SseFramer().push(Buffer.from(events.map((e) => `data: ${JSON.stringify(e)}\n\n`).join('')));
  if (!batch) throw new Error('not a whole block');
  return part(batch);
};
const frame = (event: object): AnswerPart => part(jsonEvent(Buffer.from(JSON.stringify(event))));
const bytes = async (...parts: AnswerPart[]): Promise<string> => {
  const given = await collect(onlyCompaction(from([head, ...parts])));
  expect(given[0]).toBe(head);
  return given.flatMap((each) => (each.kind === 'batch' ? each.raw.toString() : [])).join('');
};

const done = (item: object) => ({ type: 'response.output_item.done', output_index: 0, item });
const item = { type: 'compaction', encrypted_content: '…', id: 'cmp_1' };
const usage = { input_tokens: 9, output_tokens: 2, total_tokens: 11 };
const completed = (over: object = {}, type = 'response.completed') => ({
  type,
  response: { id: 'resp_9', status: 'completed', output: [], usage, ...over },
});
const TWO_EVENTS = `event: response.output_item.done
data: {"type":"response.output_item.done","item":{"type":"compaction","encrypted_content":"…","id":"cmp_1"}}

event: response.completed
data: {"type":"response.completed","response":{"id":"resp_9","status":"completed","output":[{"type":"compaction","encrypted_content":"…","id":"cmp_1"}],"usage":{"input_tokens":9,"output_tokens":2,"total_tokens":11}}}

`;

describe("a compaction's answer", () => {
  it('is one item and one completed response', async () => {
    const created = { type: 'response.created', response: { id: 'resp_9' } };
    expect(await bytes(sse(created), sse(done(item)), sse(completed()))).toBe(TWO_EVENTS);
  });

  it('is read from websocket frames as well, and its events are frames again', async () => {
    const given = await collect(onlyCompaction(from([head, frame(done(item)), frame(completed())])));
    const events = given.flatMap((each) => (each.kind === 'batch' ? each.events : []));
    expect(events.map(({ type }) => type)).toEqual(['response.output_item.done', 'response.completed']);
    const frames = events.map((event) => JSON.parse(frameOf(event) ?? '') as object);
    expect(frames).toMatchObject([{ item }, { response: { output: [item] } }]);
  });

  it('leaves out reasoning, notices, keep-alives and a second item (trap 38)', async () => {
    const beside = [{ type: 'keepalive' }, { type: 'codex.rate_limits' }, done({ type: 'reasoning', id: 'rs_1' })];
    const second = done({ ...item, id: 'cmp_2' });
    expect(await bytes(sse(...beside, done(item)), sse(second, completed()))).toBe(TWO_EVENTS);
  });

  it("keeps none of the provider's own fields (trap 38)", async () => {
    const own = { ...item, status: 'completed', internal: { account: 'x' }, summary: ['x'] };
    expect(await bytes(sse(done(own)), sse(completed({ metadata: { a: 1 }, model: 'm' })))).toBe(TWO_EVENTS);
  });

  it.each([
    ['of type compaction_summary', [done({ ...item, type: 'compaction_summary' }), completed()]],
    ['under response.done (trap 38)', [done(item), completed({}, 'response.done')]],
    ['in the terminal event alone', [completed({ output: [{ type: 'reasoning' }, item] })]],
    ['beside the output', [completed({ compaction_summary: item })]],
    ['beside the response', [{ ...completed(), compaction_summary: item }]],
  ])('may be %s', async (_, events) => {
    expect(await bytes(...events.map((event) => sse(event)))).toBe(TWO_EVENTS);
  });

  it.each([
    ['without an id', undefined, '{"type":"compaction","encrypted_content":"…"}'],
    ['with the id null', null, '{"type":"compaction","encrypted_content":"…"}'],
    ['with an empty id', '', '{"type":"compaction","encrypted_content":"…","id":""}'],
  ])('may be %s (trap 38)', async (_, id, expected) => {
    expect(await bytes(sse(done({ ...item, id }), completed()))).toContain(`"item":${expected}}`);
  });

  it('names a response that has no name, and invents no usage', async () => {
    const ended = sse(done(item), { type: 'response.completed', response: { status: 'completed' } });
    expect(await bytes(ended)).toContain('"response":{"id":"resp_compaction","status":"completed","output":[{');
    expect(await bytes(ended)).not.toContain('usage');
  });

  it.each([
    { type: 'response.failed', response: { id: 'r', error: { code: 'server_error', message: 'No.' } } },
    { type: 'error', error: { code: 'server_error' } },
    { type: 'response.incomplete', response: { id: 'r', incomplete_details: { reason: 'max_output_tokens' } } },
  ])('passes on how it ended when it did not complete: $type', async (ended) => {
    expect(await bytes(sse(done(item)), sse(ended))).toBe(`data: ${JSON.stringify(ended)}\n\n`);
  });

  it.each([
    ['no item', [completed()]],
    ['another item', [done({ type: 'message', encrypted_content: 'x' }), completed()]],
    ['an item without content', [done({ type: 'compaction' }), completed()]],
    ['no end', [done(item)]],
  ])('is refused with %s', async (_, events) => {
    const thrown: unknown = await bytes(...events.map((event) => sse(event))).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(GatewayError);
    expect(thrown).toMatchObject({ code: 'invalid_compaction_response', status: 502 });
  });
});
