import { GatewayError } from '../../core/index.js';
import { answered } from '../../../test/support/answered.js';
import { answerEvents } from '../translation/answer-events.js';
import { picturesBody } from './encode-body.js';
import { madePictures, type MadePictures } from './made-pictures.js';
import type { PictureWish } from './picture-wish.js';

const item = (over: object = {}) => ({ type: 'image_generation_call', id: 'ig_1', result: 'aGk=', ...over });
const done = (value: object, place = 0) => ({ type: 'response.output_item.done', output_index: place, item: value });
const completed = (over: object = {}) => ({ type: 'response.completed', response: { id: 'r', output: [], ...over } });
const made = (...events: readonly object[]): Promise<MadePictures> => madePictures(answerEvents(answered(...events)));
const refusal = (...events: readonly object[]): Promise<unknown> =>
  made(...events).then(
    () => 'a picture was made',
    (thrown: unknown) => (thrown instanceof GatewayError ? [thrown.code, thrown.detail.upstreamCode] : thrown),
  );

describe('the pictures in an answer', () => {
  it('are in its finished items, or in its end', async () => {
    expect((await made(done(item()), completed())).pictures.map(({ base64 }) => base64)).toEqual(['aGk=']);
    expect((await made(completed({ output: [item()] }))).pictures.map(({ base64 }) => base64)).toEqual(['aGk=']);
  });

  it('count once, however often they are told', async () => {
    const { id: _, ...nameless } = item();
    const answers = [
      await made(done(item()), completed({ output: [item()] })),
      await made(done(nameless), done(nameless, 3), completed({ output: [nameless] })),
      await made(done(item()), completed({ output: [item({ id: 'other' })] })),
    ];
    expect(answers.map(({ pictures }) => pictures.length)).toEqual([1, 1, 1]);
  });

  it('may be data URLs, and have what the model made of the prompt', async () => {
    const { pictures } = await made(
      done(item({ result: 'data:image/png;base64,aGk=', revised_prompt: 'a fat cat' })),
      completed(),
    );
    expect(pictures).toMatchObject([{ base64: 'aGk=', revisedPrompt: 'a fat cat' }]);
  });

  it.each([
    ['none', [completed()]],
    ['words', [done({ type: 'message', content: [{ type: 'output_text', text: 'No.' }] }), completed()]],
    ['an empty one', [done(item({ result: '' })), completed()]],
    ['a data URL of nothing', [done(item({ result: 'data:image/png;base64,' })), completed()]],
    ['one that failed', [done(item({ result: null, status: 'failed', error: { type: 'server_error' } })), completed()]],
  ])('are missing in an answer with %s', async (_, events) => {
    expect(await refusal(...events)).toEqual(['image_generation_failed', undefined]);
  });

  it('are refused by the tool for the prompt’s sake', async () => {
    const error = { type: 'invalid_request_error', code: 'moderation_blocked', message: 'No.' };
    expect(await refusal(done(item({ result: null, error })), completed())).toEqual([
      'upstream_refused',
      'moderation_blocked',
    ]);
    const nameless = { type: 'invalid_request_error' };
    expect(await refusal(done(item({ result: null, error: nameless })), completed())).toEqual([
      'upstream_refused',
      'image_generation_failed',
    ]);
  });
});

describe('the answer to a wish for pictures', () => {
  const wish: PictureWish = { prompt: 'a cat', count: 1, tool: {}, model: 'gpt-image-2' };
  const usage = {
    input_tokens: 17,
    output_tokens: 23,
    total_tokens: 40,
    input_tokens_details: { text_tokens: 17, image_tokens: 0 },
  };
  const call = (over: object = {}, more: object = {}): MadePictures => ({
    pictures: [{ base64: 'aGk=', facts: {}, ...over }],
    ...more,
  });

  it('is the bytes of the pictures, and what they cost together', () => {
    const calls = [call({ revisedPrompt: 'a fat cat' }, { usage }), call({ base64: 'aG8=' }, { usage })];
    expect(picturesBody({ ...wish, count: 2 }, calls, 7)).toEqual({
      created: 7,
      data: [{ b64_json: 'aGk=', revised_prompt: 'a fat cat' }, { b64_json: 'aG8=' }],
      output_format: 'png',
      usage: {
        input_tokens: 34,
        output_tokens: 46,
        total_tokens: 80,
        input_tokens_details: { image_tokens: 0, text_tokens: 34 },
      },
    });
  });

  it('says nothing of a cost that is known in part only', () => {
    expect(picturesBody({ ...wish, count: 2 }, [call({}, { usage }), call()], 7)).not.toHaveProperty('usage');
    const odd = { input_tokens: '17', output_tokens: 1, total_tokens: 1 };
    expect(picturesBody(wish, [call({}, { usage: odd })], 7)).not.toHaveProperty('usage');
  });

  it('gives clients that name a model of Codex a URL as well, and their own prompt when it was not changed', () => {
    const asked = { ...wish, model: 'gpt-5.5', tool: { output_format: 'webp' } };
    expect(picturesBody(asked, [call()], 7)).toMatchObject({
      data: [{ b64_json: 'aGk=', url: 'data:image/webp;base64,aGk=', revised_prompt: 'a cat' }],
    });
  });

  it('tells back what was asked for, or what it became, where clients have a word for it', () => {
    const tool = { size: '1792x1024', quality: 'auto', background: 'opaque', output_format: 'jpeg' };
    expect(picturesBody({ ...wish, tool }, [call()], 7)).toEqual({
      created: 7,
      data: [{ b64_json: 'aGk=' }],
      background: 'opaque',
      output_format: 'jpeg',
    });
    const facts = { size: '1024x1536', quality: 'high', background: 'blue' };
    expect(picturesBody({ ...wish, tool }, [call({ facts })], 7)).toMatchObject({
      size: '1024x1536',
      quality: 'high',
      background: 'opaque',
    });
  });
});
