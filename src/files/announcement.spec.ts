import type { GatewayError } from '../core/index.js';
import { announcement, MAX_FILE_BYTES } from './announcement.js';

const FILE = { file_name: 'a.pdf', file_size: 26, use_case: 'codex' };
const announce = (body: object) => announcement({ ...body }, Buffer.from(JSON.stringify(body)));

const refusal = (body: object): Partial<GatewayError> => {
  try {
    announce(body);
    return { message: 'nothing was refused' };
  } catch (error) {
    return error as GatewayError;
  }
};

describe('the announcement of a file', () => {
  it('goes upstream as the client’s own bytes', () => {
    const bytes = Buffer.from('{ "use_case":"agent",\n"file_size":26.0, "file_name":"a.pdf","more":1e2}');
    const { body, sizeBytes } = announcement(JSON.parse(bytes.toString()) as Record<string, unknown>, bytes);
    expect(body).toBe(bytes);
    expect(sizeBytes).toBe(26);
  });

  it.each([[{}], [{ use_case: null }]])('is for Codex when it does not say what it is for: %j', (said) => {
    const { body } = announce({ file_name: 'a.pdf', file_size: 26, more: 1, ...said });
    expect(JSON.parse(body.toString())).toEqual({ ...FILE, more: 1 });
  });

  it('may be of any size up to 25 MiB', () => {
    expect(announce({ ...FILE, file_size: 1 }).sizeBytes).toBe(1);
    expect(announce({ ...FILE, file_size: MAX_FILE_BYTES }).sizeBytes).toBe(26_214_400);
  });

  it.each([
    ['file_size', 0],
    ['file_size', -1],
    ['file_size', MAX_FILE_BYTES + 1],
    ['file_size', 1.5],
    ['file_size', '26'],
    ['file_size', null],
    ['file_size', undefined],
    ['file_size', 1e300],
    ['file_name', ''],
    ['file_name', ' \t'],
    ['file_name', null],
    ['file_name', undefined],
    ['file_name', 7],
    ['use_case', ''],
    ['use_case', 7],
  ])('is refused for its %s: %j', (param, value) => {
    expect(refusal({ ...FILE, [param]: value })).toMatchObject({
      code: 'invalid_request',
      status: 400,
      detail: { param },
    });
  });

  it('never shows a name in what is refused', () => {
    const { message = '', detail } = refusal({ ...FILE, file_name: 'salaries.xlsx', file_size: 0 });
    expect(`${message}${JSON.stringify(detail)}`).not.toContain('salaries');
  });
});
