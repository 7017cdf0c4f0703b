import { refusalOf } from '../../../../test/support/refusal.js';
import { audioPart } from './audio.js';
import { requireMedia } from './media.js';

describe('what a model is shown', () => {
  const shown = (part: unknown) => refusalOf(() => requireMedia([{ type: 'message', content: [part] }]));

  it.each([
    { type: 'input_image', image_url: 'https://images.example.test/b.png' },
    { type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=' },
    { type: 'input_image', file_id: 'file_1' },
    { type: 'input_file', file_data: 'data:application/pdf;base64,JVBERi0=' },
    { type: 'input_file', file_data: 'data:text/plain;base64,aGk=' },
    { type: 'input_file', file_id: 'file_1' },
  ])('may be %j', (part) => {
    expect(shown(part)).toBeUndefined();
  });

  it.each([
    { type: 'input_image' },
    { type: 'input_image', file_id: ' ' },
    { type: 'input_image', image_url: 'http://images.example.test/b.png' },
    { type: 'input_image', image_url: 'file:///etc/passwd' },
    { type: 'input_image', image_url: 'data:image/svg+xml;base64,AAAA' },
    { type: 'input_image', image_url: 'data:image/png;base64,' },
    { type: 'input_image', image_url: 5 },
  ])('must be a picture that the backend reads, unlike %j', (part) => {
    expect(shown(part)).toMatchObject({ code: 'unsupported_input_image_format', param: 'input' });
  });

  it.each(['JVBERi0=', 'data:application/zip;base64,UEs=', 5])(
    'must be a document that the backend reads, unlike %j',
    (data) => {
      expect(shown({ type: 'input_file', file_data: data })).toMatchObject({
        code: 'unsupported_input_file_format',
        param: 'input',
      });
    },
  );

  it('is not looked at in what tools gave back', () => {
    const output = [{ type: 'input_image', image_url: 'http://127.0.0.1/x.bmp' }];
    expect(refusalOf(() => requireMedia([{ type: 'function_call_output', call_id: 'c', output }]))).toBeUndefined();
  });
});

describe('what a model hears', () => {
  it.each([
    ['wav', 'wav'],
    ['mp3', 'mpeg'],
    ['m4a', 'mp4'],
    ['webm', 'webm'],
    ['ogg', 'ogg'],
  ])('is put in the form of the backend: %s', (format, type) => {
    const heard = { type: 'input_audio', audio_url: `data:audio/${type};base64,UklGRg==` };
    expect(audioPart({ type: 'input_audio', input_audio: { data: 'UklG\nRg==', format } })).toEqual(heard);
    expect(audioPart(heard)).toEqual(heard);
  });

  it.each([
    { data: 'UklGRg==', format: 'flac' },
    { data: 'UklGRg==', format: 'constructor' },
    { data: 'UklGRg==' },
    { data: 'UklG!g==', format: 'wav' },
    { data: 'UklGRg', format: 'wav' },
    { data: '', format: 'wav' },
    { format: 'wav' },
  ])('must not be %j', (audio) => {
    expect(refusalOf(() => audioPart({ type: 'input_audio', input_audio: audio }))).toMatchObject({
      code: 'invalid_request',
      param: 'input',
    });
  });
});
