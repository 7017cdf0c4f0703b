import type { Canary } from './canaries.js';
import {
  answer,
  functionCall,
  message,
  picture,
  reasoningPart,
  type AnswerPart,
  type StreamReply,
} from './scripted-upstream/index.js';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const imageUrl = (canary: Canary): string => `data:image/png;base64,${base64(canary('image'))}`;
const schema = (canary: Canary): object => ({
  type: 'object',
  properties: { [canary('tool field')]: { type: 'string', description: canary('tool field description') } },
});
const answerSchema = (canary: Canary): object => ({
  type: 'object',
  properties: { [canary('answer field')]: { type: 'string' } },
  required: [canary('answer field')],
  additionalProperties: false,
});
/** What clients say about themselves and their users, on every protocol of OpenAI's. */
const about = (canary: Canary): object => ({
  model: 'gpt-5.5',
  metadata: { [canary('metadata name')]: canary('metadata') },
  client_metadata: { session_id: canary('client session'), note: canary('client metadata') },
  prompt_cache_key: canary('cache key'),
  safety_identifier: canary('safety identifier'),
  user: canary('user'),
});

export const responsesBody = (canary: Canary): object => ({
  ...about(canary),
  instructions: canary('instructions'),
  input: [
    { role: 'system', content: canary('system') },
    { role: 'developer', content: [{ type: 'input_text', text: canary('developer') }] },
    {
      role: 'user',
      content: [
        { type: 'input_text', text: canary('prompt') },
        { type: 'input_image', image_url: imageUrl(canary) },
        {
          type: 'input_file',
          filename: `${canary('file name')}.txt`,
          file_data: `data:text/plain;base64,${base64(canary('file'))}`,
        },
      ],
    },
    {
      type: 'reasoning',
      summary: [{ type: 'summary_text', text: canary('reasoning summary') }],
      encrypted_content: canary('encrypted reasoning'),
    },
    { role: 'assistant', content: [{ type: 'output_text', text: canary('previous answer'), annotations: [] }] },
    {
      type: 'function_call',
      call_id: canary('call id'),
      name: canary('tool'),
      arguments: `{"a":"${canary('arguments')}"}`,
    },
    { type: 'function_call_output', call_id: canary('call id'), output: canary('tool output') },
  ],
  tools: [{ type: 'function', name: canary('tool'), description: canary('description'), parameters: schema(canary) }],
  text: { format: { type: 'json_schema', name: canary('schema name'), strict: true, schema: answerSchema(canary) } },
});

export const chatBody = (canary: Canary): object => ({
  ...about(canary),
  stop: [canary('stop')],
  messages: [
    { role: 'system', content: canary('system') },
    { role: 'developer', content: canary('developer') },
    {
      role: 'user',
      name: canary('speaker'),
      content: [
        { type: 'text', text: canary('prompt') },
        { type: 'image_url', image_url: { url: imageUrl(canary) } },
        {
          type: 'file',
          file: {
            filename: `${canary('file name')}.txt`,
            file_data: `data:text/plain;base64,${base64(canary('file'))}`,
          },
        },
      ],
    },
    { role: 'assistant', content: canary('previous answer') },
    {
      role: 'assistant',
      content: null,
      tool_calls: [
        {
          id: canary('call id'),
          type: 'function',
          function: { name: canary('tool'), arguments: `{"a":"${canary('arguments')}"}` },
        },
      ],
    },
    { role: 'tool', tool_call_id: canary('call id'), content: canary('tool output') },
  ],
  tools: [
    {
      type: 'function',
      function: { name: canary('tool'), description: canary('description'), parameters: schema(canary) },
    },
  ],
  response_format: {
    type: 'json_schema',
    json_schema: { name: canary('schema name'), strict: true, schema: answerSchema(canary) },
  },
});

export const messagesBody = (canary: Canary): object => ({
  model: 'claude-sonnet-4-6',
  max_tokens: 100,
  system: [{ type: 'text', text: canary('system') }],
  metadata: { user_id: canary('user') },
  stop_sequences: [canary('stop')],
  thinking: { type: 'enabled', budget_tokens: 2_000 },
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: canary('prompt') },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: base64(canary('image')) } },
        {
          type: 'document',
          source: { type: 'text', media_type: 'text/plain', data: canary('file') },
          title: canary('file name'),
          context: canary('file context'),
        },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: canary('thinking'), signature: canary('signature') },
        { type: 'redacted_thinking', data: canary('redacted thinking') },
        { type: 'text', text: canary('previous answer') },
        { type: 'tool_use', id: canary('call id'), name: canary('tool'), input: { a: canary('arguments') } },
      ],
    },
    {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: canary('call id'), content: canary('tool output') }],
    },
  ],
  tools: [{ name: canary('tool'), description: canary('description'), input_schema: schema(canary) }],
});

export const inspectBody = (canary: Canary): object => ({
  model: 'gpt-5.5',
  prompt: canary('prompt'),
  images: [{ image_url: imageUrl(canary) }],
});

/** @param given pictures to edit */
export const picturesBody = (canary: Canary, given: object = {}): object => ({
  model: 'gpt-image-2',
  prompt: canary('prompt'),
  user: canary('user'),
  ...given,
});
export const pictureToEdit = (canary: Canary): object => ({ image: imageUrl(canary), mask: imageUrl(canary) });

/** The headers by which clients of `/v1` tell of their sessions and of themselves. */
export const v1Headers = (canary: Canary): Record<string, string> => ({
  'user-agent': `OpenAI/JS ${canary('user agent')}`,
  'x-claude-code-session-id': canary('claude session'),
  'x-session-id': canary('session'),
  'openai-organization': canary('organization'),
  'openai-project': canary('project'),
  'idempotency-key': canary('idempotency key'),
  'anthropic-beta': canary('beta'),
  'x-stainless-custom': canary('sdk header'),
  'x-codex-turn-metadata': JSON.stringify({ workspace: canary('turn metadata') }),
  'x-openai-subagent': canary('subagent'),
  cookie: `a=${canary('cookie')}`,
});

/** Reasoning whose encrypted content is a canary too. */
const reasoned = (canary: Canary): AnswerPart => ({
  build: (key, index) => {
    const built = JSON.stringify(reasoningPart(canary('answered reasoning')).build(key, index));
    const sealed = canary('answered encrypted reasoning');
    return JSON.parse(built.replaceAll(/gAAAA-simulated-\w+/g, sealed)) as ReturnType<AnswerPart['build']>;
  },
});

/** A whole answer, with a canary in every part that a model writes. */
export const v1Answer = (canary: Canary): StreamReply =>
  answer(
    [
      reasoned(canary),
      message([canary('answer'), canary('second piece')]),
      functionCall(canary('tool'), { a: canary('answered arguments') }),
    ],
    { headers: { 'x-codex-turn-state': canary('turn state'), 'set-cookie': canary('upstream cookie') } },
  );

export const paintedAnswer = (canary: Canary): StreamReply => answer([picture(base64(canary('painted')))]);
