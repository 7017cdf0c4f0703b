import { countable } from './countable.js';

const asked = (input: readonly object[], fields: object = {}, instructions = '') =>
  countable({ model: 'gpt-5.5', instructions, input, fields: { ...fields } });

describe('countable', () => {
  it('has every text of a request once', () => {
    const { texts } = asked(
      [
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'one' }] },
        { type: 'function_call', call_id: 'c1', name: 'look', arguments: '{"a":1}' },
        { type: 'function_call_output', call_id: 'c1', output: 'two' },
      ],
      { tools: [{ name: 'look' }], prompt_cache_key: 'k', text: { format: { schema: { type: 'object' } } } },
      'three',
    );
    expect([...texts].sort()).toEqual(
      ['one', 'two', 'three', 'look', '{"a":1}', '{"name":"look"}', '{"type":"object"}'].sort(),
    );
  });

  it('counts a picture by what it shows and not by its bytes (T12)', () => {
    const of = (data: string) =>
      asked([
        {
          type: 'message',
          role: 'user',
          content: [{ type: 'input_image', image_url: `data:image/png;base64,${data}` }],
        },
      ]);
    expect(of('A'.repeat(1_000_000))).toEqual(of('A'));
    expect(of('A').tokens - asked([{ type: 'message', role: 'user', content: [] }]).tokens).toBeGreaterThan(500);
  });

  it('counts encrypted reasoning by the text that it stands for', () => {
    const { tokens } = asked([{ type: 'reasoning', encrypted_content: 'x'.repeat(4_000) }]);
    expect(tokens - asked([{ type: 'reasoning' }]).tokens).toBe(588);
  });
});
