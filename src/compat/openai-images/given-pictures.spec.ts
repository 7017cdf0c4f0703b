import { GatewayError } from '../../core/index.js';
import type { FormFile } from '../../platform/http/index.js';
import { editInForm, editInJson } from './given-pictures.js';

const PNG = Buffer.from('89504e470d0a1a0a00000000', 'hex');
const url = (bytes: Buffer, type = 'image/png') => `data:${type};base64,${bytes.toString('base64')}`;
const file = (name: string, bytes: Buffer = PNG, contentType = 'image/png'): FormFile => ({ name, bytes, contentType });
const refusal = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (thrown) {
    return thrown instanceof GatewayError ? [thrown.code, thrown.detail.param] : thrown;
  }
};

describe('pictures in a form', () => {
  it('are read in order, the mask apart, and the fields beside them', () => {
    const second = Buffer.from('second');
    const files = [file('image[]'), file('mask', second), file('image[]', second, 'image/webp; x=y')];
    expect(editInForm({ files, fields: [['prompt', 'a cat']] })).toEqual({
      given: { images: [url(PNG), url(second, 'image/webp')], mask: url(second) },
      body: { prompt: 'a cat' },
    });
  });

  it.each([
    ['image/png', '89504e470d0a1a0a00000000'],
    ['image/jpeg', 'ffd8ffe000104a4649460001'],
    ['image/gif', '474946383961010001000000'],
    ['image/webp', '524946462400000057454250'],
  ])('are known for %s by how they begin when their client does not say', (type, start) => {
    const bytes = Buffer.from(start, 'hex');
    const { given } = editInForm({ files: [file('image', bytes, 'application/octet-stream')], fields: [] });
    expect(given.images).toEqual([url(bytes, type)]);
  });

  it.each([
    ['no picture', [], ['invalid_request', 'image']],
    ['a mask alone', [file('mask')], ['invalid_request', 'image']],
    ['an empty one', [file('image', Buffer.alloc(0))], ['invalid_request', 'image']],
    ['two masks', [file('image'), file('mask'), file('mask')], ['invalid_request', 'mask']],
    ['17 of them', Array.from({ length: 17 }, () => file('image')), ['invalid_request', 'image']],
    [
      'something else',
      [file('image', Buffer.from('%PDF'), 'application/pdf')],
      ['unsupported_input_image_format', 'image'],
    ],
    [
      'a mask that is none',
      [file('image'), file('mask', Buffer.from('x'), '')],
      ['unsupported_input_image_format', 'mask'],
    ],
  ])('are refused: %s', (_, files, expected) => {
    expect(refusal(() => editInForm({ files, fields: [] }))).toEqual(expected);
  });
});

describe('pictures in JSON', () => {
  it('are URLs, alone, in a list, or in objects', () => {
    const [one, two] = [url(PNG), 'https://example.com/a.png'];
    expect(editInJson({ prompt: 'a cat', image: one })).toEqual({
      given: { images: [one] },
      body: { prompt: 'a cat' },
    });
    expect(editInJson({ image: [one, two], mask: one }).given).toEqual({ images: [one, two], mask: one });
    expect(editInJson({ images: [{ image_url: one }], mask: { image_url: two } }).given).toEqual({
      images: [one],
      mask: two,
    });
  });

  it.each([
    ['nothing', {}, ['invalid_request', 'image']],
    ['an empty list', { image: [] }, ['invalid_request', 'image']],
    ['plain base64', { image: 'aGk=' }, ['unsupported_input_image_format', 'image']],
    ['another type', { image: 'data:image/svg+xml;base64,aGk=' }, ['unsupported_input_image_format', 'image']],
    ['a URL without TLS', { image: 'http://example.com/a.png' }, ['unsupported_input_image_format', 'image']],
    ['a number', { image: 7 }, ['unsupported_input_image_format', 'image']],
    ['an object of something', { image: { file: 1 } }, ['unsupported_input_image_format', 'image']],
    ['a mask that is none', { image: url(PNG), mask: 7 }, ['unsupported_input_image_format', 'mask']],
  ])('are refused: %s', (_, body, expected) => {
    expect(refusal(() => editInJson(body))).toEqual(expected);
  });
});
