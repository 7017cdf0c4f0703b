import type { Telling } from '../../src/compat/anthropic-messages/message-events.js';
import { ToolNames } from '../../src/compat/anthropic-messages/tool-names.js';
import { THINKING } from './anthropic-requests.js';

/** What a Messages answer is told with. */
export const telling = (over: Partial<Telling> = {}): Telling => ({
  id: 'msg_1',
  model: 'claude-sonnet-4-6',
  names: new ToolNames(),
  stopSequences: [],
  wantsThinking: true,
  thinking: THINKING,
  ...over,
});

/** A message before anything of it was said. */
export const EMPTY = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-6',
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage: { input_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 0 },
};

/** The usage of an answer that is completed. */
export const COUNTED = {
  input_tokens: 8,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 4,
  output_tokens: 7,
};
