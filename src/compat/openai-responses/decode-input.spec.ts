import { refusalOf } from '../../../test/support/refusal.js';
import { inputItems } from './decode-input.js';

const user = (...content: readonly unknown[]) => ({ type: 'message', role: 'user', content });
const assistant = (...content: readonly unknown[]) => ({ type: 'message', role: 'assistant', content });
const call = { type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{}' };
const output = { type: 'function_call_output', call_id: 'call_1', output: 'ok' };

describe('an input item', () => {
  it.each<readonly [string, unknown]>([
    ['no object', 'Hi'],
    ['of an unknown type', { type: 'mcp_call', id: 'm' }],
    ['of a type that every object has', { type: 'constructor' }],
    ['of a type that is no word', { type: { toString: null } }],
    ['of an unknown role', { role: 'function', name: 'f', content: 'x' }],
    ['a user without words', { role: 'user' }],
    ['a user with no parts', user()],
    ['a user with an unknown part', user({ type: 'video' })],
    ['a user with a text that is none', user({ type: 'input_text', text: 5 })],
    ['a user in a phase', { ...user({ type: 'text', text: 'a' }), phase: 'commentary' }],
    ['a developer with a picture', { role: 'developer', content: [{ type: 'input_image', file_id: 'f' }] }],
    [
      'a system with a sound',
      { role: 'system', content: [{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }] },
    ],
    ['a file without a file', user({ type: 'input_file', filename: 'a.pdf' })],
    ['a breakpoint that is none', user({ type: 'input_text', text: 'a', prompt_cache_breakpoint: { mode: 'auto' } })],
    [
      'a breakpoint beside more',
      user({ type: 'input_text', text: 'a', extra: 1, prompt_cache_breakpoint: { mode: 'explicit' } }),
    ],
    [
      'a breakpoint in a sound',
      user({
        type: 'input_audio',
        input_audio: { data: 'AAAA', format: 'wav' },
        prompt_cache_breakpoint: { mode: 'explicit' },
      }),
    ],
    ['an assistant without words', { role: 'assistant', content: [] }],
    [
      'an assistant who says more than there is to say',
      { ...assistant({ type: 'output_text', text: 'a' }), feeling: 'fine' },
    ],
    ['an assistant in no phase', { ...assistant({ type: 'output_text', text: 'a' }), phase: 'middle' }],
    ['an assistant who shows a picture', assistant({ type: 'input_image', file_id: 'f' })],
    [
      'a quotation with more than it has',
      assistant({
        type: 'output_text',
        text: 'a',
        annotations: [{ type: 'url_citation', start_index: 0, end_index: 1, url: 'u', title: 't', x: 1 }],
      }),
    ],
    [
      'what is the backend’s own (trap 25)',
      {
        ...assistant({ type: 'output_text', text: 'a' }),
        internal_chat_message_metadata_passthrough: { executed_tool_calls: [] },
      },
    ],
    [
      'the same of a user (trap 25)',
      {
        ...user({ type: 'input_text', text: 'a' }),
        internal_chat_message_metadata_passthrough: { executed_tool_calls: [] },
      },
    ],
    ['a call that names nothing', { type: 'function_call', call_id: 'c', arguments: '{}' }],
    ['a call whose arguments are no text', { ...call, arguments: {} }],
    ['a call that says more', { ...call, extra: 1 }],
    ['a call by nobody', { ...call, caller: { type: 'program' } }],
    ['an output of nothing that is known (trap 26)', { type: 'function_call_output', call_id: '', output: 'ok' }],
    ['an output without one', { type: 'function_call_output', call_id: 'c' }],
    ['an output that is an object', { ...output, output: {} }],
    ['a chat call without a name', { role: 'assistant', tool_calls: [{ id: 'c', function: { arguments: '' } }] }],
    ['a chat output without its call', { role: 'tool', content: 'ok' }],
    ['a compaction of nothing', { type: 'compaction', encrypted_content: ' ' }],
    ['a trigger that says something', { type: 'compaction_trigger', now: true }],
    ['a summary that is none', { type: 'reasoning', summary: [{ type: 'text', text: 'x' }] }],
    ['a shell call without commands', { type: 'shell_call', call_id: 'c', action: {} }],
    ['a shell call with a long id', { type: 'shell_call', call_id: 'c'.repeat(65), action: { commands: [] } }],
    [
      'a shell that ended somehow',
      { type: 'shell_call_output', call_id: 'c', output: [{ stdout: '', stderr: '', outcome: { type: 'crash' } }] },
    ],
    ['a reference to more', { type: 'item_reference', id: 'msg_1', x: 1 }],
    ['tools of the user', { type: 'additional_tools', role: 'user', tools: [] }],
  ])('is refused: %s', (_, item) => {
    expect(refusalOf(() => inputItems([item]))).toMatchObject({ code: 'invalid_request', param: 'input' });
  });

  it('is refused with its place, and with nothing that it says', () => {
    const secret = { ...call, arguments: 5, name: 'hunter2' };
    expect(refusalOf(() => inputItems([output, secret]))?.message).toBe('input[1].arguments is not valid');
  });

  it('is refused for a picture or a file that the backend does not read', () => {
    const shown = (part: unknown) => refusalOf(() => inputItems([user(part)]))?.code;
    expect(shown({ type: 'input_image', image_url: 'ftp://a.test/b.png' })).toBe('unsupported_input_image_format');
    expect(shown({ type: 'input_file', file_data: 'data:video/mp4;base64,AA' })).toBe('unsupported_input_file_format');
  });

  it('that stands right behind its call need not name it (trap 26)', () => {
    const nameless = { type: 'function_call_output', call_id: '', output: 'ok' };
    expect(inputItems([{ ...call, call_id: '', id: 'fc_1' }, nameless])).toEqual([
      { ...call, call_id: 'fc_1' },
      { ...output, call_id: 'fc_1' },
    ]);
    expect(refusalOf(() => inputItems([call, user({ type: 'text', text: 'a' }), nameless]))).toMatchObject({
      param: 'input',
    });
  });

  it('brings tools with schemas that the backend takes', () => {
    const tool = { type: 'function', name: 'f', parameters: { title: 'F' } };
    expect(inputItems([{ type: 'additional_tools', role: 'developer', id: 'at_1', tools: [tool] }])).toEqual([
      {
        type: 'additional_tools',
        role: 'developer',
        tools: [{ ...tool, parameters: { type: 'object', properties: {} } }],
      },
    ]);
    const mcp = { type: 'additional_tools', role: 'developer', tools: [{ type: 'mcp' }] };
    expect(refusalOf(() => inputItems([mcp]))).toMatchObject({ code: 'invalid_request', param: 'tools' });
  });
});
