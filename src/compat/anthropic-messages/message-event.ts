import type { Fields } from '../../core/index.js';

export type StopReason = 'end_turn' | 'max_tokens' | 'refusal' | 'stop_sequence' | 'tool_use';

/** One event of a Messages stream, as it goes out. */
export type MessageEvent =
  | { readonly type: 'message_start'; readonly message: Fields }
  | { readonly type: 'content_block_start'; readonly index: number; readonly content_block: Fields }
  | { readonly type: 'content_block_delta'; readonly index: number; readonly delta: Delta }
  | { readonly type: 'content_block_stop'; readonly index: number }
  | {
      readonly type: 'message_delta';
      readonly delta: { readonly stop_reason: StopReason; readonly stop_sequence: string | null };
      readonly usage: Fields;
    }
  | { readonly type: 'message_stop' };

export type Delta =
  | { readonly type: 'text_delta'; readonly text: string }
  | { readonly type: 'thinking_delta'; readonly thinking: string }
  | { readonly type: 'signature_delta'; readonly signature: string }
  | { readonly type: 'input_json_delta'; readonly partial_json: string };
