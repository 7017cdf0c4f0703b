import { GatewayError } from '../../core/index.js';
import { hostModel, isImageModel, pictureRequest } from './picture-request.js';

const model = (slug: string, entry: object = {}) => ({ slug, since: 1, entry: { ...entry } });
const [big, small, blind] = [
  model('big', { priority: 1, input_modalities: ['text', 'image'] }),
  model('small', { priority: 7 }),
  model('blind', { priority: 0, input_modalities: ['text'] }),
];
const hidden = model('hidden', { priority: -1 });
const listed = [small, blind, big];
const entries = [...listed, hidden];
const wish = { prompt: 'a cat', count: 1, tool: {} };

describe('the model that is asked for a picture', () => {
  const host = (named: string | undefined, pool: { defaultModel?: string; allowUnlistedModels?: boolean } = {}) =>
    hostModel(named, { allowUnlistedModels: false, ...pool }, entries, listed);
  const refusal = (act: () => unknown): unknown => {
    try {
      return act();
    } catch (thrown) {
      return thrown instanceof GatewayError ? [thrown.code, thrown.detail.param] : thrown;
    }
  };

  it('is the one that was named, also one that is not shown', () => {
    expect(['small', 'HIDDEN'].map((named) => host(named, { defaultModel: 'big' }))).toEqual(['small', 'HIDDEN']);
    expect(host('unlisted', { allowUnlistedModels: true })).toBe('unlisted');
  });

  it.each([undefined, 'gpt-image-2', 'gpt-image-1-mini'])('is the Pool’s default for %s', (named) => {
    expect(host(named, { defaultModel: 'small' })).toBe('small');
  });

  it('is else the first in the catalog that can see pictures', () => {
    expect(host('gpt-image-2')).toBe('big');
  });

  it('is nobody where there is none', () => {
    expect(refusal(() => hostModel(undefined, { allowUnlistedModels: true }, [], []))).toEqual([
      'no_eligible_backend',
      'model',
    ]);
  });

  it.each(['unlisted', 'dall-e-3', 'gpt-image-'])('is not %s', (named) => {
    expect(refusal(() => host(named))).toEqual(['invalid_model', 'model']);
    const isUnlisted = refusal(() => host(named, { allowUnlistedModels: true }));
    expect(isUnlisted).toEqual(named === 'dall-e-3' ? ['invalid_model', 'model'] : named);
  });

  it('knows image models by their names', () => {
    expect(['gpt-image-2', 'GPT-IMAGE-1.5', 'gpt-5.5', 'my-gpt-image-2'].map(isImageModel)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('a picture as a Responses request', () => {
  it('is the prompt alone and the image tool with what was asked for', () => {
    const { wanted, stream } = pictureRequest({ ...wish, tool: { size: '1024x1024' } }, undefined, 'big', 'key-1');
    expect(stream).toBe(false);
    expect(wanted).toMatchObject({
      model: 'big',
      input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'a cat' }] }],
      fields: {
        tools: [{ type: 'image_generation', action: 'generate', output_format: 'png', size: '1024x1024' }],
        prompt_cache_key: 'key-1',
      },
    });
    expect(Object.keys(wanted.fields)).toEqual(['tools', 'prompt_cache_key']);
  });

  it('names an image model in the tool, and a model of Codex nowhere else', () => {
    const toolsFor = (named: string) =>
      pictureRequest({ ...wish, model: named, effort: 'low' }, undefined, 'big', 'k').wanted.fields;
    expect(toolsFor('gpt-image-2')).toMatchObject({ tools: [{ model: 'gpt-image-2' }], reasoning: { effort: 'low' } });
    expect(toolsFor('big')).toEqual({
      tools: [{ type: 'image_generation', action: 'generate', output_format: 'png' }],
      prompt_cache_key: 'k',
      reasoning: { effort: 'low' },
    });
  });

  it('brings the pictures to be edited, and the mask last with a word about it', () => {
    const { wanted } = pictureRequest(wish, { images: ['a', 'b'], mask: 'm' }, 'big', 'k');
    expect(wanted.input).toEqual([
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: expect.stringMatching(/^a cat\n\n.*mask/) as string },
          ...['a', 'b', 'm'].map((image_url) => ({ type: 'input_image', image_url })),
        ],
      },
    ]);
    expect(wanted.fields).toMatchObject({ tools: [{ action: 'edit' }] });
  });
});
