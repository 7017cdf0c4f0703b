import { responsesModels } from './catalog.js';

const listed = (...ids: string[]) => ({ object: 'list', data: ids.map((id) => ({ id, object: 'model' })) });
const slugs = (body: unknown) => responsesModels(body)?.map(({ slug }) => slug);

describe('the model list of the Platform', () => {
  it('gives the models that Responses can be asked of', () => {
    const models = ['gpt-5.5', 'gpt-5.5-2026-04-23', 'o3', 'gpt-4o-mini', 'computer-use-preview', 'ft:gpt-4o:acme::1'];
    expect(slugs(listed(...models))).toEqual(models);
  });

  it('leaves out those that speak something else', () => {
    const others = [
      'text-embedding-3-small',
      'gpt-image-2',
      'whisper-1',
      'tts-1-hd',
      'omni-moderation-latest',
      'sora-2',
    ];
    const spoken = [
      'gpt-4o-audio-preview',
      'gpt-4o-mini-transcribe',
      'gpt-realtime',
      'gpt-3.5-turbo-instruct',
      'davinci-002',
    ];
    expect(slugs(listed(...others, ...spoken))).toEqual([]);
  });

  it('is nothing when it is no list', () => {
    expect(slugs({ error: {} })).toBeUndefined();
  });
});
