import { collect, from, SseFramer, type ResponseEvent } from '../../core/index.js';
import type { AnswerPart } from '../../exchange/index.js';
import { answerEvents } from './answer-events.js';
import { contradictsItself } from './contradicts-itself.js';

const DELTA = '{"type":"response.output_text.delta","output_index":0,"delta":"Hi"}';
const DONE = '{"type":"response.completed","response":{"id":"resp_1","output":[]}}';

const framed = (bytes: string) => new SseFramer().push(Buffer.from(bytes));
const eventOf = (bytes: string): ResponseEvent | undefined => framed(bytes)?.events[0];

describe('an event that contradicts itself (trap 5), or not, when it', () => {
  it.each([
    ['has two names', `event: response.refusal.delta\ndata: ${DELTA}\n\n`, true],
    ['has the same name twice', `event: response.output_text.delta\ndata: ${DELTA}\n\n`, false],
    ['has no label', `data: ${DELTA}\n\n`, false],
    ['has a blank label', `event:  \ndata: ${DELTA}\n\n`, false],
    ['has a label alone', 'event: response.output_text.delta\ndata: {"delta":"Hi"}\n\n', false],
    ['is the last one', `event: response.done\ndata: ${DONE}\n\n`, false],
  ])('%s', (_, bytes, contradicts) => {
    const event = eventOf(bytes);
    expect(event && contradictsItself(event)).toBe(contradicts);
  });

  it('says nothing to a translator', async () => {
    const batch = framed(`event: response.refusal.delta\ndata: ${DELTA}\n\nevent: response.done\ndata: ${DONE}\n\n`);
    const parts = from<AnswerPart>(batch === undefined ? [] : [{ kind: 'batch', ...batch }]);
    expect((await collect(answerEvents(parts))).map(({ kind }) => kind)).toEqual(['begun', 'ended']);
  });
});
