import type { GatewayError } from '../../core/index.js';
import { checkpointText } from '../translation/checkpoint.js';
import { conversationOf } from './conversation.js';

const said = (role: string, ...texts: string[]) => ({
  type: 'message',
  role,
  content: texts.map((text) => ({ type: role === 'assistant' ? 'output_text' : 'input_text', text })),
});
const user = (content: unknown) => ({ role: 'user', content });
const inputOf = (...messages: unknown[]) => conversationOf(messages).input;
const contentOf = (...parts: unknown[]) => (inputOf(user(parts))[0] as { content: unknown }).content;

const refusal = (...messages: unknown[]): [string, unknown] => {
  try {
    conversationOf(messages);
  } catch (error) {
    const { code, detail } = error as GatewayError;
    return [code, detail.param];
  }
  return ['none', undefined];
};

describe('a chat history', () => {
  it('has its system and developer texts joined with a blank line as instructions', () => {
    const messages = [
      { role: 'system', content: 'One.' },
      user('Hi'),
      { role: 'developer', content: [{ type: 'text', text: 'Tw' }, 'o.'] },
      { role: 'system', content: null },
    ];
    expect(conversationOf(messages)).toEqual({ instructions: 'One.\n\nTwo.', input: [said('user', 'Hi')] });
  });

  it('asks the last of its instructions when it holds nothing else', () => {
    expect(
      conversationOf([
        { role: 'system', content: 'Be terse.' },
        { role: 'system', content: 'Say hi.' },
      ]),
    ).toEqual({ instructions: 'Be terse.', input: [said('developer', 'Say hi.')] });
    expect(conversationOf([{ role: 'system', content: 'Say hi.' }])).toEqual({
      instructions: 'You are a helpful assistant.',
      input: [said('developer', 'Say hi.')],
    });
  });

  it('goes on from a checkpoint in a system message, which is then no instruction (H26)', () => {
    const items = [said('user', 'Before'), { type: 'compaction', encrypted_content: 'gAAAA' }];
    expect(conversationOf([{ role: 'system', content: checkpointText(items) }, user('Now')])).toEqual({
      input: [...items, said('user', 'Now')],
    });
  });

  it('keeps the parts of a user message apart', () => {
    expect(contentOf({ type: 'text', text: 'A' }, { type: 'input_text', text: 'B' }, { text: 'C' })).toEqual(
      said('user', 'A', 'B', 'C').content,
    );
  });

  it.each([
    ['a URL', { type: 'image_url', image_url: 'https://x.test/a.png' }, 'https://x.test/a.png', 'auto'],
    [
      'an object',
      { type: 'image_url', image_url: { url: 'https://x.test/a', detail: 'low' } },
      'https://x.test/a',
      'low',
    ],
    [
      'an object with its detail outside',
      { type: 'image_url', image_url: { url: 'https://x.test/a' }, detail: 'original' },
      'https://x.test/a',
      'original',
    ],
    [
      'the backend’s own part',
      { type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'high' },
      'data:image/png;base64,iVBORw0KGgo=',
      'high',
    ],
  ])('takes a picture given as %s (T31)', (_, part, url, detail) => {
    expect(contentOf(part)).toEqual([{ type: 'input_image', image_url: url, detail }]);
  });

  it('takes pictures and files that were uploaded', () => {
    const picture = { type: 'input_image', file_id: 'file-1' };
    const file = { type: 'file', file: { file_id: 'file-2' } };
    expect(contentOf(picture, file)).toEqual([
      { type: 'input_image', file_id: 'file-1', detail: 'auto' },
      { type: 'input_file', file_id: 'file-2' },
    ]);
  });

  it('takes a file with its data', () => {
    const source = { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' };
    expect(contentOf({ type: 'file', file: source })).toEqual([{ type: 'input_file', ...source }]);
    expect(contentOf({ type: 'input_file', ...source })).toEqual([{ type: 'input_file', ...source }]);
  });

  it('takes audio in the form that the backend reads', () => {
    expect(contentOf({ type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } })).toEqual([
      { type: 'input_audio', audio_url: 'data:audio/mpeg;base64,AAAA' },
    ]);
  });

  it('leaves out what the assistant thought, and keeps what it refused', () => {
    const parts = [
      { type: 'thinking', thinking: 'x' },
      { type: 'refusal', refusal: 'No.' },
    ];
    expect(inputOf({ role: 'assistant', content: parts, reasoning_content: 'x' })).toEqual([said('assistant', 'No.')]);
    expect(inputOf({ role: 'assistant', content: null, refusal: 'No.' })).toEqual([said('assistant', 'No.')]);
  });

  it.each<[string, unknown, string, string]>([
    ['no object', 'hi', 'invalid_request', 'messages.0'],
    ['no role', { content: 'x' }, 'invalid_request', 'messages.0.role'],
    ['nothing said at all', { role: 'system', content: '' }, 'invalid_request', 'messages'],
    ['a role that nobody knows', { role: '__proto__', content: 'x' }, 'invalid_request', 'messages.0.role'],
    ['a user who says nothing', { role: 'user', content: null }, 'invalid_request', 'messages.0.content'],
    [
      'a picture as instructions',
      { role: 'system', content: [{ type: 'image_url' }] },
      'invalid_request',
      'messages.0.content.0',
    ],
    ['a part that is none', user(['a', 7]), 'invalid_request', 'messages.0.content.1'],
    ['a part of an unknown type', user([{ type: 'video' }]), 'invalid_request', 'messages.0.content.0'],
    ['text that is none', user([{ type: 'text', text: 7 }]), 'invalid_request', 'messages.0.content.0.text'],
    [
      'a picture without an address',
      user([{ type: 'image_url' }]),
      'unsupported_input_image_format',
      'messages.0.content.0',
    ],
    [
      'a file that cannot be read',
      user([{ type: 'file', file: { file_data: 'x' } }]),
      'unsupported_input_file_format',
      'messages.0.content.0',
    ],
    ['a file that is none', user([{ type: 'file', file: {} }]), 'invalid_request', 'messages.0.content.0'],
    [
      'audio of an unknown format',
      user([{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'x' } }]),
      'invalid_request',
      'messages.0.content.0',
    ],
    ['calls that are no list', { role: 'assistant', tool_calls: {} }, 'invalid_request', 'messages.0.tool_calls'],
    ['a result of nothing', { role: 'tool', content: 'x' }, 'invalid_request', 'messages.0.tool_call_id'],
    ['a result of no function', { role: 'function', content: 'x' }, 'invalid_request', 'messages.0.name'],
    ['a result part of nothing', user([{ type: 'tool-result' }]), 'invalid_request', 'messages.0.content.0.toolCallId'],
    [
      'a result that is a number',
      { role: 'tool', tool_call_id: 'c', content: 7 },
      'invalid_request',
      'messages.0.content',
    ],
  ])('is refused with %s, and the place is named', (_, message, code, param) => {
    expect(refusal(message)).toEqual([code, param]);
  });
});
