import type { AccountId } from '../../core/index.js';
import { decoded, HI, THINKING } from '../../../test/support/anthropic-requests.js';
import { checkpointText } from '../translation/checkpoint.js';

const alice = 'alice' as AccountId;
const bob = 'bob' as AccountId;

const wanted = (body: object) => decoded(body).translated.wanted;
const inputOf = (...messages: object[]) => wanted({ messages }).input;
const userInput = (...content: object[]) => inputOf({ role: 'user', content });
const text = (said: string, role = 'user'): object => ({
  type: 'message',
  role,
  content: [{ type: role === 'assistant' ? 'output_text' : 'input_text', text: said }],
});
const output = (callId: string, said: string) => ({ type: 'function_call_output', call_id: callId, output: said });
const png = { type: 'image', source: { type: 'base64', data: 'iVBO' } };
const picture = { type: 'input_image', image_url: 'data:image/png;base64,iVBO' };

describe('the system prompt', () => {
  it.each([
    ['Be brief.', 'Be brief.'],
    [[{ type: 'text', text: 'One' }, { type: 'image' }, { type: 'text', text: 'Two' }], 'One\n\nTwo'],
    [undefined, ''],
    [null, ''],
  ])('is the instructions: %j, blocks joined with a blank line (T25)', (system, instructions) => {
    expect(wanted({ system }).instructions).toBe(instructions);
  });

  it('goes on in system messages: at the start it is the same, later it stays where it holds', () => {
    const messages = [{ role: 'system', content: 'Two' }, ...HI, { role: 'system', content: 'Three' }];
    const { instructions, input } = wanted({ system: 'One', messages });
    expect(instructions).toBe('One\n\nTwo');
    expect(input).toEqual([text('hi'), text('Three', 'developer')]);
  });

  it('is the conversation that a checkpoint stands for', () => {
    const items = [text('before'), { type: 'compaction', encrypted_content: 'gAAAA' }];
    const system = [
      { type: 'text', text: 'One' },
      { type: 'text', text: checkpointText(items) },
    ];
    expect(wanted({ system })).toMatchObject({ instructions: 'One', input: [...items, text('hi')] });
    const later = [{ role: 'system', content: checkpointText(items) }, ...HI];
    expect(wanted({ messages: later }).input).toEqual([...items, text('hi')]);
  });
});

describe('a user message', () => {
  it('is one message, its texts one text without anything between (T25)', () => {
    expect(userInput({ type: 'text', text: 'a' }, { type: 'text', text: 'b', cache_control: {} })).toEqual([
      text('ab'),
    ]);
  });

  it('keeps its pictures where they are', () => {
    expect(userInput({ type: 'text', text: 'a' }, png, { type: 'text', text: 'b' })).toEqual([
      {
        type: 'message',
        role: 'user',
        content: [{ type: 'input_text', text: 'a' }, picture, { type: 'input_text', text: 'b' }],
      },
    ]);
  });

  it('is split by results: text before, the outputs side by side, their pictures, text after (T14)', () => {
    const result = (id: string, said: string) => ({
      type: 'tool_result',
      tool_use_id: id,
      content: [{ type: 'text', text: said }, png],
    });
    const input = userInput({ type: 'text', text: 'before' }, result('c1', 'one'), result('c2', 'two'), {
      type: 'text',
      text: 'after',
    });
    expect(input).toEqual([
      text('before'),
      output('c1', 'one'),
      output('c2', 'two'),
      { type: 'message', role: 'user', content: [picture, picture] },
      text('after'),
    ]);
  });

  it.each([
    [{ content: 'ok' }, 'ok'],
    [
      {
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
      'ab',
    ],
    [{}, ''],
    [{ content: null }, ''],
    [{ content: 'boom', is_error: true }, 'Error (is_error): boom'],
    [{ content: [{ type: 'tool_reference', tool_name: 'grep' }] }, '[Tool: grep]'],
  ])('has the output of %j as %j', (result, said) => {
    expect(userInput({ type: 'tool_result', tool_use_id: 'c1', ...result })).toEqual([output('c1', said)]);
  });

  it('has a placeholder for the call that a result does not name', () => {
    expect(userInput({ type: 'tool_result', content: 'ok' })).toEqual([output('unknown', 'ok')]);
  });

  it.each<[string, object, string]>([
    ['document', { source: { type: 'text', data: 'Words.' }, title: 'Notes' }, '[Document: Notes]\nWords.'],
    ['document', { source: { type: 'base64', media_type: 'text/plain', data: 'V29yZHMu' } }, '[Document]\nWords.'],
    ['document', { source: { type: 'content', content: [{ type: 'text', text: 'x' }] } }, '[Document]\nx'],
    [
      'search_result',
      { title: 'T', source: 'https://a.test', content: [{ type: 'text', text: 'x' }] },
      '[Search result: T: https://a.test]\nx',
    ],
    ['web_search_tool_result', { content: [1], cache_control: {} }, '[web_search_tool_result]\n{"content":[1]}'],
    ['compaction', { content: 'So far.' }, '[Summary of the conversation]\nSo far.'],
  ])('has a %s %j as labelled text (A10)', (type, block, said) => {
    expect(userInput({ type, ...block })).toEqual([text(said)]);
  });
});

describe('an assistant message', () => {
  it('is its text, then its calls', () => {
    const content = [
      { type: 'text', text: 'Let me ' },
      { type: 'text', text: 'see.' },
      { type: 'tool_use', id: 'c1', name: 'look', input: { a: 1 } },
    ];
    expect(inputOf({ role: 'assistant', content })).toEqual([
      text('Let me see.', 'assistant'),
      { type: 'function_call', call_id: 'c1', name: 'look', arguments: '{"a":1}' },
    ]);
  });

  it('gets its reasoning back, before what followed it, and asks the account that made it', () => {
    const signature = THINKING.seal({ encrypted_content: 'gAAAA' }, alice);
    const content = [
      { type: 'thinking', thinking: 'Hm.', signature },
      { type: 'text', text: 'So.' },
    ];
    const { translated } = decoded({ messages: [...HI, { role: 'assistant', content }] });
    expect(translated.wanted.input).toEqual([
      text('hi'),
      { type: 'reasoning', encrypted_content: 'gAAAA', summary: [] },
      text('So.', 'assistant'),
    ]);
    expect(translated.accountId).toBe(alice);
  });

  it('keeps of the reasoning of several accounts that of the last one: others could not read it (T27)', () => {
    const thought = (content: string, account: AccountId) => ({
      role: 'assistant',
      content: [{ type: 'thinking', thinking: '', signature: THINKING.seal({ encrypted_content: content }, account) }],
    });
    const { translated } = decoded({ messages: [...HI, thought('g1', alice), thought('g2', bob)] });
    expect(translated.wanted.input).toMatchObject([{ type: 'message' }, { encrypted_content: 'g2' }]);
    expect(translated.accountId).toBe(bob);
  });

  it('must not have two calls of one id (N9)', () => {
    const called = { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} };
    const given = (): unknown => inputOf({ role: 'assistant', content: [called, called] });
    expect(given).toThrow(expect.objectContaining({ detail: { param: 'messages' } }) as Error);
  });

  it('leaves foreign thinking out, and never says it (C19)', () => {
    const content = [
      { type: 'thinking', thinking: 'SECRET', signature: 'sig-abc' },
      { type: 'redacted_thinking', data: 'opaque' },
      { type: 'text', text: 'So.' },
    ];
    expect(inputOf({ role: 'assistant', content })).toEqual([text('So.', 'assistant')]);
  });
});
