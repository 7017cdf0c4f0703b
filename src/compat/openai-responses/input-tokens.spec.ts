import { inputTokens } from './input-tokens.js';

const said = (text: string) => [{ type: 'message', role: 'user', content: [{ type: 'input_text', text }] }];
const image = { type: 'input_image', image_url: `data:image/png;base64,${'A'.repeat(10_000)}`, detail: 'high' };

describe('the estimate of input tokens (R18)', () => {
  it.each<[string, object, number]>([
    ['nothing', {}, 0],
    ['four letters', { input: 'abcd' }, 1],
    ['five letters', { input: 'abcde' }, 2],
    ['short words', { input: 'a b c d e f' }, 6],
    ['a text in items', { input: said('abcdefgh'), instructions: 'abcd' }, 4],
    ['an image, whatever its size (T12)', { input: [{ role: 'user', content: [image] }] }, 86],
    [
      'two files',
      {
        input: [
          { type: 'input_file', file_id: 'f' },
          { type: 'input_file', file_data: 'x' },
        ],
      },
      170,
    ],
  ])('of %s', (_, body, tokens) => {
    expect(inputTokens(body as Record<string, unknown>, [])).toBe(tokens);
  });

  it('counts what tools and formats declare', () => {
    const tools = [{ type: 'function', name: 'lookup_weather', parameters: { properties: { city: {} } } }];
    expect(inputTokens({ input: 'Hi', tools }, [])).toBeGreaterThan(inputTokens({ input: 'Hi' }, []) + 5);
  });

  it('counts the conversation that the request goes on from', () => {
    expect(inputTokens({ input: 'abcd' }, said('abcdefgh'))).toBe(4);
  });

  it('does not care how deep the input is nested, or how long it is', () => {
    let deep: unknown = 'abcd';
    for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
    expect(inputTokens({ input: deep }, [])).toBe(1);
    expect(inputTokens({ input: 'a '.repeat(2_000_000) }, [])).toBe(1_000_000);
  });
});
