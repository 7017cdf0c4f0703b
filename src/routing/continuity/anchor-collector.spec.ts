import { anchorDigest, jsonEvent, SseFramer, sseFrame, type ResponseEvent } from '../../core/index.js';
import { AnchorCollector } from './anchor-collector.js';

const ITEM = 'response.output_item.done';
const reasoning = (content: unknown) => ({ type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: content });

const framed = (text: string): ResponseEvent => {
  const [event] = new SseFramer().push(Buffer.from(text))?.events ?? [];
  if (event === undefined) throw new Error('No event.');
  return event;
};
const sse = (type: string, rest: object): ResponseEvent => framed(sseFrame(type, { type, ...rest }));
const done = (item: object): ResponseEvent => sse(ITEM, { item });

const collected = (...events: ResponseEvent[]): readonly string[] => {
  const collector = new AnchorCollector();
  for (const event of events) collector.saw(event);
  return collector.anchors;
};

describe('what an answer leaves to go on from', () => {
  it('is what is sealed in its finished items, and its id', () => {
    const anchors = collected(
      sse('response.created', { response: { id: 'resp_1' } }),
      sse('response.output_item.added', { item: reasoning('half') }),
      done(reasoning('gAAA_-=')),
      done({ type: 'compaction', encrypted_content: 'folded' }),
      sse('response.completed', { response: { id: 'resp_1', output: [reasoning('gAAA_-=')] } }),
    );
    expect(anchors).toEqual(['gAAA_-=', 'folded', 'resp_1'].map(anchorDigest));
  });

  it('is told once, whoever says it again', () => {
    const collector = new AnchorCollector();
    expect(collector.saw(done(reasoning('a')))).toEqual({ sealed: [anchorDigest('a')] });
    expect(collector.saw(done(reasoning('a')))).toEqual({ sealed: [] });
    const end = sse('response.incomplete', { response: { id: 'resp_1' } });
    expect(collector.saw(end)).toEqual({ sealed: [], response: anchorDigest('resp_1') });
    expect(collector.saw(end)).toEqual({ sealed: [] });
  });

  it('is found on a websocket and between blanks as well', () => {
    const [frame] = jsonEvent(Buffer.from(JSON.stringify({ type: ITEM, item: reasoning('a') }))).events;
    const spaced = framed(`data: {"type":"${ITEM}","item":{"encrypted_content" : \t"b"}}\n\n`);
    expect(frame && collected(frame, spaced)).toEqual([anchorDigest('a'), anchorDigest('b')]);
  });

  it('is in the whole of an answer that is no stream', () => {
    const output = [
      { type: 'message', content: [] },
      { type: 'compaction_summary', encrypted_content: 'folded' },
    ];
    const [answer] = jsonEvent(Buffer.from(JSON.stringify({ id: 'resp_1', output }))).events;
    expect(answer && collected(answer)).toEqual([anchorDigest('folded'), anchorDigest('resp_1')]);
  });

  it.each([
    ['null', reasoning(null)],
    ['empty', reasoning('')],
    ['escaped', reasoning('a"b')],
    ['the words of a model', { type: 'message', text: '"encrypted_content":"x"' }],
    ['the value of another member', { type: 'message', role: 'encrypted_content', text: 'x' }],
  ])('is not what is %s', (_, item) => {
    expect(collected(done(item))).toEqual([]);
  });

  it.each([
    ['a delta', sse('response.output_text.delta', { delta: 'x', encrypted_content: 'x' })],
    ['a failure', sse('response.failed', { response: { id: 'resp_1' } })],
    ['a comment', framed(': hello\n\n')],
    ['the end of a stream', framed('data: [DONE]\n\n')],
    ['a cut item', framed(`event: ${ITEM}\ndata: {"encrypted_content":"gAAA\n\n`)],
    ['a cut name', framed(`event: ${ITEM}\ndata: {"encrypted_content"\n\n`)],
  ])('is not in %s', (_, event) => {
    expect(collected(event)).toEqual([]);
  });

  it('does not have an item parsed for it', () => {
    const event = done(reasoning('a'));
    const json = jest.spyOn(event, 'json');
    expect(collected(event)).toHaveLength(1);
    expect(json).not.toHaveBeenCalled();
  });

  it('is bounded, whatever an upstream sends', () => {
    const items = Array.from({ length: 500 }, (_, n) => done(reasoning(`item ${n}`)));
    expect(collected(...items)).toHaveLength(64);
  });
});
