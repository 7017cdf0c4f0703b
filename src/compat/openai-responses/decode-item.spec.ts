import { inputItems } from './decode-input.js';

const passthrough = { internal_chat_message_metadata_passthrough: { turn_id: 't' } };
const user = (...content: readonly unknown[]) => ({ type: 'message', role: 'user', content });
const assistant = (...content: readonly unknown[]) => ({ type: 'message', role: 'assistant', content });
const call = { type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{}' };
const output = { type: 'function_call_output', call_id: 'call_1', output: 'ok' };
const custom = { type: 'custom_tool_call', call_id: 'call_2', name: 'patch', input: 'x' };

describe('an input item', () => {
  it.each<readonly [string, unknown, readonly unknown[]]>([
    ['a message without role and type', { content: 'Hi' }, [user({ type: 'input_text', text: 'Hi' })]],
    [
      'texts under any name',
      user({ type: 'text', text: 'a' }, { type: 'input_text', text: 'b', x: 1 }),
      [user({ type: 'input_text', text: 'a' }, { type: 'input_text', text: 'b' })],
    ],
    [
      'a picture',
      user({ type: 'input_image', image_url: 'https://a.test/b.png', detail: 'high' }),
      [user({ type: 'input_image', image_url: 'https://a.test/b.png', detail: 'high' })],
    ],
    [
      'a picture in an object (T31)',
      user({ type: 'image_url', image_url: { url: 'https://a.test/b.png', detail: 'low' } }),
      [user({ type: 'input_image', image_url: 'https://a.test/b.png', detail: 'low' })],
    ],
    [
      'an uploaded picture',
      user({ type: 'input_image', file_id: 'file_1', image_url: null }),
      [user({ type: 'input_image', file_id: 'file_1' })],
    ],
    [
      'a file',
      user({ type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,AA==' }),
      [user({ type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,AA==' })],
    ],
    [
      'a file as chat completions have it',
      user({ type: 'file', file: { file_id: 'file_1' } }),
      [user({ type: 'input_file', file_id: 'file_1' })],
    ],
    [
      'a file that stands alone',
      { type: 'input_file', file_id: 'file_1' },
      [user({ type: 'input_file', file_id: 'file_1' })],
    ],
    [
      'a sound',
      user({ type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } }),
      [user({ type: 'input_audio', audio_url: 'data:audio/mpeg;base64,AAAA' })],
    ],
    [
      'where the prompt’s cache may end',
      user({ type: 'input_text', text: 'a', prompt_cache_breakpoint: { mode: 'explicit' } }),
      [user({ type: 'input_text', text: 'a' })],
    ],
    [
      'what a Codex CLI says beside a message',
      { id: 'msg_1', ...user({ type: 'input_text', text: 'a' }), ...passthrough, name: 'x' },
      [{ ...user({ type: 'input_text', text: 'a' }), ...passthrough }],
    ],
    [
      'what the model said',
      assistant({ type: 'output_text', text: 'Yes', annotations: [], logprobs: [] }),
      [assistant({ type: 'output_text', text: 'Yes' })],
    ],
    [
      'what it said at which time',
      { id: 'msg_1', status: 'completed', phase: 'final_answer', ...assistant({ type: 'output_text', text: 'Yes' }) },
      [{ ...assistant({ type: 'output_text', text: 'Yes' }), phase: 'final_answer' }],
    ],
    ['what it said, short', { role: 'assistant', content: 'Yes' }, [assistant({ type: 'output_text', text: 'Yes' })]],
    [
      'what it would not say',
      assistant({ type: 'refusal', refusal: 'No' }),
      [assistant({ type: 'refusal', refusal: 'No' })],
    ],
    [
      'what it thought first',
      assistant({ type: 'thinking', thinking: 'Hm' }, { type: 'text', text: 'Yes' }),
      [assistant({ type: 'output_text', text: 'Yes' })],
    ],
    [
      'what it only thought',
      assistant({ type: 'thinking', thinking: 'Hm' }),
      [assistant({ type: 'output_text', text: '' })],
    ],
    [
      'what it quoted',
      assistant({
        type: 'output_text',
        text: 'Yes',
        annotations: [{ type: 'url_citation', start_index: 0, end_index: 1, url: 'u', title: 't' }],
      }),
      [
        assistant({
          type: 'output_text',
          text: 'Yes',
          annotations: [{ type: 'url_citation', start_index: 0, end_index: 1, url: 'u', title: 't' }],
        }),
      ],
    ],
    [
      'reasoning that can be deciphered (T2)',
      { type: 'reasoning', id: 'rs_1', content: null, encrypted_content: 'E', status: null },
      [{ type: 'reasoning', summary: [], encrypted_content: 'E' }],
    ],
    [
      'reasoning with its summary',
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 's' }], encrypted_content: 'E' },
      [{ type: 'reasoning', summary: [{ type: 'summary_text', text: 's' }], encrypted_content: 'E' }],
    ],
    [
      'reasoning that nobody can read (T2, trap 24)',
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: null },
      [],
    ],
    ['a call as it came', { ...call, id: 'fc_1', status: 'completed', namespace: null, parsed_arguments: {} }, [call]],
    [
      'a call in a namespace',
      { ...call, namespace: 'mcp__git', caller: { type: 'direct' }, ...passthrough },
      [{ ...call, namespace: 'mcp__git', caller: { type: 'direct' }, ...passthrough }],
    ],
    [
      'a call that is named by its id',
      { type: 'function_call', id: 'fc_1', name: 'f', arguments: '' },
      [{ type: 'function_call', call_id: 'fc_1', name: 'f', arguments: '' }],
    ],
    ['an output', { ...output, id: 'fc_2', status: 'completed', name: null }, [output]],
    ['an output under another name', { type: 'function_call_output', call_id: 'call_1', result: 'ok' }, [output]],
    [
      'an output of a named function',
      { type: 'function_call_output', call_id: null, name: 'f', output: 'ok' },
      [{ type: 'function_call_output', name: 'f', output: 'ok' }],
    ],
    [
      'an output with a picture, of no size (trap 29)',
      {
        ...output,
        output: [
          { type: 'text', text: 'a' },
          { type: 'input_image', image_url: 'data:image/bmp;base64,A', detail: 'high' },
        ],
      },
      [
        {
          ...output,
          output: [
            { type: 'input_text', text: 'a' },
            { type: 'input_image', image_url: 'data:image/bmp;base64,A' },
          ],
        },
      ],
    ],
    ['a custom call', { ...custom, id: 'ctc_1', status: 'completed' }, [custom]],
    [
      'a custom output',
      { type: 'custom_tool_call_output', call_id: 'call_2', output: 'ok', id: 'x' },
      [{ type: 'custom_tool_call_output', call_id: 'call_2', output: 'ok' }],
    ],
    [
      'a compaction under its older name',
      { type: 'compaction_summary', encrypted_content: 'E' },
      [{ type: 'compaction', encrypted_content: 'E' }],
    ],
    [
      'a shell call',
      {
        type: 'shell_call',
        id: 's',
        call_id: 'c',
        action: { commands: ['ls'], timeout_ms: 5 },
        environment: { type: 'local' },
      },
      [
        {
          type: 'shell_call',
          call_id: 'c',
          action: { commands: ['ls'], timeout_ms: 5 },
          environment: { type: 'local' },
        },
      ],
    ],
    [
      'a search of the web',
      { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search' } },
      [{ type: 'web_search_call', status: 'completed', action: { type: 'search' } }],
    ],
    [
      'calls as chat completions have them',
      {
        role: 'assistant',
        content: null,
        refusal: null,
        metadata: { a: 'b' },
        tool_calls: [
          { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } },
          { call_id: 'call_2', type: 'custom', custom: { name: 'patch', input: 'x' } },
        ],
      },
      [
        { ...call, metadata: { a: 'b' } },
        { ...custom, metadata: { a: 'b' } },
      ],
    ],
    [
      'calls after words',
      { role: 'assistant', content: 'Well', tool_calls: [{ id: 'call_1', function: { name: 'f', arguments: '{}' } }] },
      [assistant({ type: 'output_text', text: 'Well' }), call],
    ],
    ['an output as chat completions have it', { role: 'tool', tool_call_id: 'call_1', content: 'ok' }, [output]],
    ['an output of nothing', { role: 'tool', tool_call_id: 'call_1', content: null }, [{ ...output, output: '' }]],
  ])('goes upstream as the backend takes it: %s', (_, item, expected) => {
    expect(inputItems([item])).toEqual(expected);
  });

  it.each([
    { type: 'compaction', id: 'cmp_1', encrypted_content: 'E' },
    { type: 'program', id: 'p_1', call_id: 'c', code: 'x', fingerprint: 'f' },
    { type: 'program_output', id: 'p_2', call_id: 'c', result: 'x', status: 'completed' },
    {
      type: 'shell_call_output',
      call_id: 'c',
      output: [{ stdout: 'a', stderr: '', outcome: { type: 'exit', exit_code: 0 } }],
    },
    { type: 'configuration_update', reasoning: { effort: 'low' } },
  ])('goes upstream as it came: %j', (item) => {
    expect(inputItems([item])).toEqual([item]);
  });

  it('that hands work from one agent to another stays untouched (trap 24)', () => {
    const content = [{ type: 'encrypted_content', encrypted_content: 'E' }];
    const handOff = { type: 'agent_message', id: 'amsg_1', author: '/root', recipient: '/root/kid', content };
    expect(inputItems([handOff])).toEqual([handOff]);
  });
});
