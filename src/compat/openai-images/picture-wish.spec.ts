import fc from 'fast-check';
import { GatewayError } from '../../core/index.js';
import { editInJson } from './given-pictures.js';
import { pictureWish } from './picture-wish.js';

const refusal = (over: object): unknown => {
  try {
    return pictureWish({ model: 'gpt-image-2', prompt: 'a cat', ...over });
  } catch (thrown) {
    return thrown instanceof GatewayError ? [thrown.code, thrown.detail.param] : thrown;
  }
};

describe('a wish for pictures', () => {
  it('is its prompt, how many, and what the tool is told', () => {
    const wish = {
      prompt: ' a cat ',
      model: 'openai/gpt-image-1.5',
      n: 3,
      size: '1792x1024',
      quality: 'high',
      background: 'transparent',
      moderation: 'low',
      output_format: 'webp',
      output_compression: 80,
      input_fidelity: 'high',
      response_format: 'b64_json',
      user: 'somebody',
      reasoning_effort: 'Low',
    };
    expect(pictureWish(wish)).toEqual({
      prompt: ' a cat ',
      count: 3,
      model: 'gpt-image-1.5',
      effort: 'low',
      tool: {
        size: '1792x1024',
        quality: 'high',
        background: 'transparent',
        moderation: 'low',
        output_format: 'webp',
        output_compression: 80,
        input_fidelity: 'high',
      },
    });
  });

  it('needs nothing but a prompt; null is silence, and so is saying no to what there is not', () => {
    const silent = { model: null, n: null, size: null, style: null, response_format: null };
    const noes = { stream: false, partial_images: 0 };
    expect(pictureWish({ prompt: 'a cat', ...silent, ...noes })).toEqual({ prompt: 'a cat', count: 1, tool: {} });
  });

  it('may write numbers as text, as forms do', () => {
    expect(pictureWish({ prompt: 'a cat', n: '2', output_compression: '0', stream: 'false' })).toMatchObject({
      count: 2,
      tool: { output_compression: 0 },
    });
  });

  it.each([
    ['prompt', [undefined, null, '', '  ', 7, ['a']]],
    ['model', [7, {}, '  ']],
    ['n', [0, 11, 1.5, -1, 'many', '', [], {}, true, '1e1']],
    ['size', ['big', '1024', '1024x', '0x1024', 1024, '999999x1', {}]],
    ['quality', ['hd', 'HIGH', 1, []]],
    ['background', ['blue', true]],
    ['moderation', ['none', false]],
    ['output_format', ['gif', 'jpg']],
    ['output_compression', [-1, 101, 50.5, 'much']],
    ['input_fidelity', ['full']],
    ['reasoning_effort', [1, {}, 'not a level!']],
  ] as const)('is refused for a %s that is none', (param, values) => {
    for (const value of values) expect(refusal({ [param]: value })).toEqual(['invalid_request', param]);
  });

  it.each([
    ['stream', true],
    ['partial_images', 2],
    ['style', 'vivid'],
    ['response_format', 'url'],
    ['image', 'data:image/png;base64,aGk='],
    ['seed', 1],
    ['__proto__', {}],
    ['toString', 'x'],
  ])('is refused for a %s, which nobody can honour', (param, value) => {
    const body = Object.fromEntries([
      ['prompt', 'a cat'],
      [param, value],
    ]);
    const thrown = (() => {
      try {
        return pictureWish(body);
      } catch (error) {
        return error;
      }
    })();
    expect(thrown).toMatchObject({ code: 'unsupported_parameter', detail: { param } });
  });

  it('is read or refused with the field that is wrong, whatever a body holds', () => {
    const names = ['prompt', 'model', 'n', 'size', 'quality', 'stream', 'style', 'image', 'images', 'mask', 'user'];
    const body = fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), fc.jsonValue());
    fc.assert(
      fc.property(body, (given) => {
        for (const read of [() => pictureWish(given), () => pictureWish(editInJson(given).body)]) {
          try {
            expect(read().prompt).not.toBe('');
          } catch (thrown) {
            if (!(thrown instanceof GatewayError)) throw thrown;
            expect([thrown.status, typeof thrown.detail.param]).toEqual([400, 'string']);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
