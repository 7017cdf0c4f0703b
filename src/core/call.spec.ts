import { CallBody } from './call.js';

describe('a body with something sealed in it', () => {
  const bodyOf = () => {
    let made = 0;
    const body = new CallBody(Buffer.from('sealed'), () => {
      made += 1;
      return Buffer.from('open');
    });
    return { body, made: () => made };
  };

  it('is made once more without it, once, and only when somebody asks', () => {
    const { body, made } = bodyOf();
    expect([body.bytes.toString(), made()]).toEqual(['sealed', 0]);
    for (let n = 0; n < 2; n += 1) expect(body.unsealed().bytes.toString()).toBe('open');
    expect([body.bytes.toString(), made()]).toEqual(['sealed', 1]);
  });

  it('is given up in both forms', () => {
    const { body } = bodyOf();
    const open = body.unsealed();
    body.release();
    expect(() => body.bytes).toThrow('released');
    expect(() => open.bytes).toThrow('released');
  });

  it('is the same to everybody when nothing is', () => {
    const body = new CallBody(Buffer.from('open'));
    expect(body.unsealed()).toBe(body);
  });
});
