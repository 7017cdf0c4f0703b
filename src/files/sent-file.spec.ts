import { GatewayError } from '../core/index.js';
import type { FormFile } from '../platform/http/index.js';
import { sentFile } from './sent-file.js';

const BYTES = Buffer.from('hello');
const sent = (over: Partial<FormFile> = {}) =>
  sentFile({ file: { name: 'file', bytes: BYTES, ...over }, files: [], fields: [['purpose', 'user_data']] });

describe('a file as it was sent', () => {
  it.each([
    ['a.pdf', 'a.pdf'],
    ['/home/me/a.pdf', 'a.pdf'],
    ['C:\\mine\\a.pdf', 'a.pdf'],
    ['..', 'file'],
    ['a\r\nb\0.pdf', 'ab.pdf'],
    ['mine/', 'file'],
    [undefined, 'file'],
  ])('is called %j: %s', (fileName, name) => {
    expect(sent(fileName === undefined ? {} : { fileName }).name).toBe(name);
  });

  it.each([
    ['text/plain; charset=utf-8', 'text/plain; charset=utf-8'],
    [' application/pdf ', 'application/pdf'],
    ['pdf', 'application/octet-stream'],
    ['text/plain\r\nx: y', 'application/octet-stream'],
    ['', 'application/octet-stream'],
    [undefined, 'application/octet-stream'],
  ])('is of the type %j: %s', (contentType, type) => {
    expect(sent(contentType === undefined ? {} : { contentType }).contentType).toBe(type);
  });

  it('has one purpose', () => {
    const fields = [
      ['purpose', 'vision'],
      ['purpose', 'batch'],
    ] as const;
    const twice = () => sentFile({ file: { name: 'file', bytes: BYTES }, files: [], fields });
    expect(twice).toThrow(GatewayError);
  });
});
