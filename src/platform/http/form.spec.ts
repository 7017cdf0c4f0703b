import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { GatewayError } from '../../core/index.js';
import { readForm, type Form, type FormLimits } from './form.js';

const LIMITS: FormLimits = { file: 'file', fileBytes: 100, restBytes: 50, parts: 4, idleMs: 1_000 };
const headers = { 'content-type': 'multipart/form-data; boundary=cut' };

const part = (disposition: string, body: string | Buffer, type?: string): Buffer =>
  Buffer.concat([
    Buffer.from(`--cut\r\ncontent-disposition: form-data; ${disposition}\r\n`),
    Buffer.from(type === undefined ? '\r\n' : `Content-Type: ${type}\r\n\r\n`),
    Buffer.from(body),
    Buffer.from('\r\n'),
  ]);
const whole = (...parts: Buffer[]): Buffer => Buffer.concat([...parts, Buffer.from('--cut--\r\n')]);
const file = (body: string | Buffer = 'RIFF', type?: string) => part('name="file"; filename="a b.wav"', body, type);

const read = (body: Buffer, size = body.length, more: object = {}, limits = LIMITS): Promise<Form> => {
  const chunks = Array.from({ length: Math.ceil(body.length / size) }, (_, n) =>
    body.subarray(n * size, (n + 1) * size),
  );
  return readForm({ ...headers, ...more }, Readable.from(chunks, { objectMode: false }), limits);
};
const refusal = async (work: Promise<unknown>) => {
  const thrown: unknown = await work.then(
    () => 'it was read',
    (error: unknown) => error,
  );
  return thrown instanceof GatewayError ? [thrown.status, thrown.code, thrown.detail.param] : thrown;
};

describe('a form', () => {
  it('is its one file, of the type that the client gave, and its fields in order', async () => {
    const body = whole(
      part('name="prompt"', 'Grüße'),
      file(Buffer.from([0, 255, 13, 10, 45, 45]), 'Audio/WebM;codecs=opus'),
      part('name=languages[]', 'de'),
      part('name="languages[]"', 'en'),
    );
    const sound = {
      name: 'file',
      fileName: 'a b.wav',
      bytes: Buffer.from([0, 255, 13, 10, 45, 45]),
      contentType: 'Audio/WebM;codecs=opus',
    };
    expect(await read(body)).toEqual({
      file: sound,
      files: [sound],
      fields: [
        ['prompt', 'Grüße'],
        ['languages[]', 'de'],
        ['languages[]', 'en'],
      ],
    });
  });

  it('is the same however it is cut', async () => {
    const body = whole(part('name="prompt"', 'ü'), file('RIFF--cut\r\n--cu', 'audio/wav'), part('name="x"', ''));
    const expected = await read(body);
    expect(expected.file?.bytes.toString()).toBe('RIFF--cut\r\n--cu');
    for (let size = 1; size < body.length; size += 1) expect(await read(body, size)).toEqual(expected);
  });

  it('may be followed by anything', async () => {
    const body = Buffer.concat([whole(file()), Buffer.from('epilogue '.repeat(20))]);
    for (const size of [7, body.length]) expect((await read(body, size)).file?.bytes.toString()).toBe('RIFF');
  });

  it('takes a file part without a file name for the file, and an empty one as well', async () => {
    expect((await read(whole(part('name="file"', 'RIFF')))).file).toEqual({ name: 'file', bytes: Buffer.from('RIFF') });
    expect((await read(whole(file('')))).file?.bytes).toHaveLength(0);
  });

  it.each([
    ['in plain UTF-8', 'filename="Müll – 1.pdf"', 'Müll – 1.pdf'],
    ['without quotes', 'filename=a.pdf', 'a.pdf'],
    ['with a quote in it, as browsers write it', 'filename="a%22b.pdf"', 'a"b.pdf'],
    ['with a quote in it, as other clients do', 'filename="a\\"b.pdf"', 'a"b.pdf'],
    ['in the extended form, which wins', `filename="x"; filename*=UTF-8''M%C3%BCll.pdf`, 'Müll.pdf'],
    ['in an extended form that is none', `filename*=UTF-8''%FF`, undefined],
  ])('has the file’s name %s', async (_, disposition, name) => {
    expect((await read(whole(part(`name="file"; ${disposition}`, 'RIFF')))).file?.fileName).toBe(name);
  });

  it('has all the files that it may have, in order, and counts them together', async () => {
    const image = (name: string, body: string) => part(`name="${name}"; filename="i.png"`, body, 'image/png');
    const limits = { ...LIMITS, file: 'image', alsoFiles: ['image', 'image[]', 'mask'] };
    const parts = [image('image', 'one'), part('name="mask"', 'no file'), image('other', 'x'), image('image[]', 'two')];
    const { file: first, files, fields } = await read(whole(...parts), undefined, {}, { ...limits, parts: 9 });
    expect(files.map(({ name, bytes }) => [name, bytes.toString()])).toEqual([
      ['image', 'one'],
      ['image[]', 'two'],
    ]);
    expect([first, fields]).toEqual([files[0], [['mask', 'no file']]]);
    const large = [image('image', 'x'.repeat(60)), image('image', 'x'.repeat(41))];
    expect(await refusal(read(whole(...large), undefined, {}, limits))).toEqual([413, 'request_too_large', 'image']);
  });

  it('leaves out other files and what is no part of a form', async () => {
    const odd = Buffer.from('--cut\r\ncontent-type: text/plain\r\n\r\nx\r\n');
    const { fields } = await read(whole(part('name="other"; filename="b"', 'x'), odd, file()));
    expect(fields).toEqual([]);
  });

  it.each([
    ['no multipart', { 'content-type': 'application/json' }],
    ['no boundary', { 'content-type': 'multipart/form-data' }],
    ['a boundary of 71 characters', { 'content-type': `multipart/form-data; boundary=${'x'.repeat(71)}` }],
    ['no content type', { 'content-type': undefined }],
  ])('is refused with %s', async (_, more) => {
    expect(await refusal(read(whole(file()), undefined, more))).toEqual([400, 'invalid_request', 'file']);
  });

  it('takes a boundary in quotes, beside other parameters', async () => {
    const type = 'Multipart/Form-Data; charset=utf-8; boundary="cut"; x=y';
    expect((await read(whole(file()), undefined, { 'content-type': type })).file?.bytes.toString()).toBe('RIFF');
  });

  it.each([
    ['in a part', Buffer.from('--cut\r\ncontent-disposition: form-data; name="file"\r\n\r\nRI')],
    ['in a header', Buffer.from('--cut\r\ncontent-disposition: form-')],
    ['before its end', file()],
    ['before it begins', Buffer.from('--c')],
  ])('that ends %s is refused', async (_, body) => {
    for (const size of [1, body.length]) {
      expect(await refusal(read(body, size))).toEqual([400, 'invalid_request', 'file']);
    }
  });

  it('is refused when it has two files', async () => {
    expect(await refusal(read(whole(file(), file())))).toEqual([400, 'invalid_request', 'file']);
  });

  it('may hold as much as the limits say, and not a byte more', async () => {
    const full = (bytes: number, rest: number) => whole(part('name="p"', 'x'.repeat(rest)), file('x'.repeat(bytes)));
    expect((await read(full(100, 50))).file?.bytes).toHaveLength(100);
    expect(await refusal(read(full(101, 50)))).toEqual([413, 'request_too_large', 'file']);
    expect(await refusal(read(full(100, 51)))).toEqual([413, 'request_too_large', 'file']);
    const many = Array.from({ length: 5 }, () => part('name="p"', ''));
    expect(await refusal(read(whole(...many)))).toEqual([413, 'request_too_large', 'file']);
  });

  it('is not read any further once it is too large', async () => {
    let given = 0;
    const endless = async function* () {
      yield file('').subarray(0, -2);
      for (; ; given += 10) {
        await setImmediate();
        yield Buffer.alloc(10, 'x');
      }
    };
    const payload = Readable.from(endless(), { objectMode: false, highWaterMark: 10 });
    expect(await refusal(readForm(headers, payload, LIMITS))).toEqual([413, 'request_too_large', 'file']);
    expect(given).toBeLessThan(200);
    expect(payload.destroyed).toBe(false);
    payload.destroy();
  });

  it('is refused before its first byte when it says that it is too large', async () => {
    const payload = new Readable({ read: () => expect('this').toBe('never read') });
    const declared = { ...headers, 'content-length': '151' };
    expect(await refusal(readForm(declared, payload, LIMITS))).toEqual([413, 'request_too_large', 'file']);
  });

  it.each(['gzip', 'zstd', 'secret'])('is not taken in %s', async (encoding) => {
    expect(await refusal(read(whole(file()), undefined, { 'content-encoding': encoding }))).toEqual([
      415,
      'unsupported_media_type',
      undefined,
    ]);
  });
});
