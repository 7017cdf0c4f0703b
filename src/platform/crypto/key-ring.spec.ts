import { inspect } from 'node:util';
import { parseKeyRing } from './key-ring.js';

const key = (byte: number) => Buffer.alloc(32, byte).toString('base64');

describe('parseKeyRing', () => {
  it('encrypts with the first key and finds all of them', () => {
    const ring = parseKeyRing(`v2:${key(2)},v1:${key(1)}\n`);
    expect(ring.current.id).toBe('v2');
    expect(ring.find('v1')?.key.export()).toEqual(Buffer.alloc(32, 1));
    expect(ring.find('v2')?.key.export()).toEqual(Buffer.alloc(32, 2));
    expect(ring.find('v3')).toBeUndefined();
  });

  it.each([
    '',
    ',',
    'v1',
    'v1:',
    `:${key(1)}`,
    `v1:${key(1)},`,
    `v 1:${key(1)}`,
    `v1:${Buffer.alloc(31, 1).toString('base64')}`,
    `v1:${Buffer.alloc(33, 1).toString('base64')}`,
    `v1:${key(1)},v1:${key(2)}`,
    `abcdefghijklmnopq:${key(1)}`,
  ])('refuses %j', (text) => {
    expect(() => parseKeyRing(text)).toThrow(/key ring/);
  });

  it('names the place of a wrong entry and never its content', () => {
    expect(() => parseKeyRing(`v2:${key(2)},hunter2`)).toThrow(
      /^Entry 2 of the key ring is not <id>:<base64 of 32 bytes>\.$/,
    );
  });

  it('prints no key', () => {
    const ring = parseKeyRing(`v1:${key(1)}`);
    const printed = inspect(ring, { depth: 9, showHidden: true }) + JSON.stringify(ring);
    expect(printed).not.toContain(key(1));
    expect(printed).not.toContain('01 01 01');
  });
});
