import { storedText } from './stored-text.js';

describe('storedText', () => {
  it('keeps ordinary text, emoji included', () => {
    expect(storedText('gpt-5.5 ✓ 🙂')).toBe('gpt-5.5 ✓ 🙂');
  });

  it('replaces what Postgres refuses: NUL and lone surrogates', () => {
    expect(storedText('a\0b\uD83Dc')).toBe('a\uFFFDb\uFFFDc');
  });

  it('cuts long texts without leaving half a character', () => {
    const cut = storedText(`${'x'.repeat(511)}🙂`);
    expect(cut).toBe(`${'x'.repeat(511)}\uFFFD`);
  });
});
