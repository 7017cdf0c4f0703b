const PNG =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC';
const SCHEMA = {
  type: 'object',
  properties: { city: { type: 'string', enum: ['Oslo', 'Rome'] }, days: { type: 'array', items: { type: 'integer' } } },
  required: ['city', 'days'],
  additionalProperties: false,
};
const LOOK = { name: 'look', description: 'Looks.', parameters: SCHEMA };

/** Requests with much in them that can be wrong, by the path that they are for. */
export const VALID_BODIES: Readonly<Record<string, readonly object[]>> = {
  '/v1/responses': [
    { model: 'gpt-5.5', input: 'Hello' },
    {
      model: 'openai/gpt-5.5',
      stream: true,
      instructions: 'Be brief.',
      input: [
        { role: 'system', content: 'Rule.' },
        { role: 'developer', content: [{ type: 'input_text', text: 'Rule two.' }] },
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_text', text: 'Look at this' },
            { type: 'input_image', image_url: PNG, detail: 'low' },
            { type: 'input_file', filename: 'a.txt', file_data: 'data:text/plain;base64,aGk=' },
          ],
        },
        { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'x' }], encrypted_content: 'gAAA' },
        { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'look', arguments: '{"city":"Oslo"}' },
        { type: 'function_call_output', call_id: 'call_1', output: [{ type: 'input_text', text: 'sunny' }] },
        { type: 'custom_tool_call', call_id: 'call_2', name: 'patch', input: '*** Begin' },
        { type: 'custom_tool_call_output', call_id: 'call_2', output: 'done' },
        { role: 'assistant', content: [{ type: 'output_text', text: 'Well', annotations: [] }], phase: 'commentary' },
        { type: 'shell_call', call_id: 'call_3', action: { commands: ['ls'], timeout_ms: 5 } },
        { type: 'compaction', encrypted_content: 'gAAAA' },
      ],
      tools: [
        { type: 'function', ...LOOK, strict: true },
        { type: 'function', name: 'loose', parameters: { type: 'object', properties: { x: { const: 1 } } } },
        { type: 'custom', name: 'patch', format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' } },
        { type: 'namespace', name: 'ns', description: 'All.', tools: [{ type: 'custom', name: 'child' }] },
        { type: 'web_search' },
        { type: 'image_generation' },
      ],
      tool_choice: { type: 'function', name: 'look' },
      text: { format: { type: 'json_schema', name: 'answer', strict: true, schema: SCHEMA }, verbosity: 'low' },
      reasoning: { effort: 'high', summary: 'auto' },
      metadata: { a: 'b' },
      include: ['reasoning.encrypted_content'],
      service_tier: 'fast',
      prompt_cache_key: 'conversation',
      temperature: 1,
    },
  ],
  '/v1/chat/completions': [
    { model: 'gpt-5.5', messages: [{ role: 'user', content: 'Hello' }] },
    {
      model: 'gpt-5.5',
      stream: true,
      stream_options: { include_usage: true },
      n: 2,
      stop: ['END'],
      messages: [
        { role: 'system', content: 'Rule.' },
        { role: 'developer', content: [{ type: 'text', text: 'Rule two.' }] },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look' },
            { type: 'image_url', image_url: { url: PNG, detail: 'high' } },
            { type: 'file', file: { filename: 'a.txt', file_data: 'data:text/plain;base64,aGk=' } },
          ],
        },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'look', arguments: '{"city":"Oslo"}' } }],
        },
        { role: 'tool', tool_call_id: 'call_1', content: [{ type: 'text', text: 'sunny' }] },
        { role: 'assistant', function_call: { name: 'look', arguments: '{}' }, content: null },
        { role: 'function', name: 'look', content: 'sunny' },
        { role: 'assistant', content: [{ type: 'text', text: 'Well' }], refusal: null },
      ],
      tools: [
        { type: 'function', function: { ...LOOK, strict: true } },
        { type: 'custom', custom: { name: 'patch', format: { type: 'text' } } },
      ],
      tool_choice: { type: 'function', function: { name: 'look' } },
      response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema: SCHEMA } },
      reasoning_effort: 'high',
      metadata: { a: 'b' },
      logit_bias: { 5: 1 },
      seed: 7,
      user: 'somebody',
      max_completion_tokens: 100,
    },
  ],
  '/v1/messages': [
    { model: 'claude-sonnet-4-6', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] },
    {
      model: 'claude-opus-4-8',
      max_tokens: 64_000,
      stream: true,
      system: [{ type: 'text', text: 'Rule.', cache_control: { type: 'ephemeral' } }],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
            { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'hi' }, title: 'a' },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Hm.', signature: 'foreign' },
            { type: 'redacted_thinking', data: 'opaque' },
            { type: 'text', text: 'Well' },
            { type: 'tool_use', id: 'toolu_1', name: 'look', input: { city: 'Oslo' } },
          ],
        },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 'toolu_1',
              is_error: true,
              content: [
                { type: 'text', text: 'sunny' },
                { type: 'image', source: { type: 'url', url: 'https://images.example/a.png' } },
              ],
            },
            { type: 'text', text: 'And?' },
          ],
        },
        { role: 'system', content: 'Mind the time.' },
        { role: 'user', content: 'Go on' },
      ],
      tools: [{ name: 'look', description: 'Looks.', input_schema: SCHEMA }],
      tool_choice: { type: 'tool', name: 'look', disable_parallel_tool_use: true },
      thinking: { type: 'enabled', budget_tokens: 2_000 },
      output_config: { effort: 'low' },
      stop_sequences: ['END'],
      metadata: { user_id: 'somebody' },
      temperature: 1,
      context_management: { edits: [] },
    },
  ],
};
