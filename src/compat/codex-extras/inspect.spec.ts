import { answered } from '../../../test/support/answered.js';
import { decodeInspect, inspection } from './inspect.js';

const URL = 'data:image/png;base64,iVBO';
const decoded = (body: object) =>
  decodeInspect({ prompt: 'What is it?', images: [{ image_url: URL }], ...body }, { defaultModel: 'gpt-5.5' });

describe('decodeInspect', () => {
  it('asks in one message, the text first, without tools', () => {
    const { wanted } = decoded({
      reasoning_effort: 'low',
      images: [{ image_url: URL }, { image_url: URL, detail: 'low' }],
    });
    expect(wanted).toMatchObject({
      model: 'gpt-5.5',
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'What is it?' },
            { type: 'input_image', image_url: URL },
            { type: 'input_image', image_url: URL, detail: 'low' },
          ],
        },
      ],
      fields: { tools: [], reasoning: { effort: 'low' } },
    });
  });

  it.each<[string, object]>([
    ['prompt', { prompt: ' ' }],
    ['prompt', { prompt: 7 }],
    ['images', { images: [] }],
    ['images', { images: 'x' }],
    ['images[0].image_url', { images: [{ other: 'field' }] }],
    ['images[0].image_url', { images: [7] }],
    ['images[1].image_url', { images: [{ image_url: URL }, { image_url: 'https://a.test/b.png' }] }],
    ['reasoning_effort', { reasoning_effort: 7 }],
    ['model', { model: 7 }],
  ])('names %s when it is wrong: %j', (param, body) => {
    expect(() => decoded(body)).toThrow(
      expect.objectContaining({ code: 'invalid_request', detail: { param } }) as Error,
    );
  });
});

describe('inspection', () => {
  const completed = { type: 'response.completed', response: { status: 'completed', output: [] } };

  it('is the text of the answer', async () => {
    const delta = { type: 'response.output_text.delta', item_id: 'msg_1', delta: 'A cat.' };
    expect(await inspection(answered(delta, completed))).toEqual({ content: 'A cat.' });
  });

  it('is a failure where there is no text', async () => {
    await expect(inspection(answered(completed))).rejects.toMatchObject({ code: 'upstream_response_failed' });
  });
});
