import { safeError } from './safe-error.js';

describe('safeError', () => {
  it('names the class and the code and never the message, however deep', () => {
    const inner = Object.assign(new Error('the secret'), { code: 'ECONNRESET' });
    const shown = safeError(new TypeError('the prompt\nof two lines', { cause: inner }));
    expect(shown).toMatchObject({ type: 'TypeError', cause: { type: 'Error', code: 'ECONNRESET' } });
    expect(JSON.stringify(shown)).not.toMatch(/secret|prompt|two lines/);
  });

  it('drops a code that is not a safe token', () => {
    expect(safeError(Object.assign(new Error('x'), { code: 'a sentence of a provider' })).code).toBeUndefined();
  });

  it('ends on a chain of causes that has no end', () => {
    const loop: Error & { cause?: unknown } = new Error('x');
    loop.cause = loop;
    expect(safeError(loop).cause?.cause?.cause?.cause?.cause).toBeUndefined();
  });

  it('says the same of what it has made safe before, as a logger does', () => {
    const safe = safeError(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }));
    expect(safeError(safe)).toBe(safe);
    expect(safeError({ type: 'Error', code: 'a sentence', stack: 'the prompt' })).toEqual({ type: 'object' });
  });

  it('says only the type of a thing that is not an error', () => {
    expect(safeError('a prompt')).toEqual({ type: 'string' });
  });
});
