import type { Fields } from '../../core/index.js';

/**
 * What a Responses stream says, in the terms that other protocols have words for. Each piece comes once, whether the
 * upstream sent it as deltas, with a finished item, or only in the last event.
 *
 * `key` names the part of the answer that a piece belongs to; parts come one after another or interleaved.
 */
export type AnswerEvent =
  /** Always first, and once. `response` is `{}` when the upstream did not introduce it. */
  | { readonly kind: 'begun'; readonly response: Fields }
  | { readonly kind: 'text'; readonly key: string; readonly delta: string }
  | { readonly kind: 'refusal'; readonly key: string; readonly delta: string }
  /** `summary`: what a model says of its reasoning; `raw`: the reasoning itself, of models that show it. */
  | { readonly kind: 'reasoning'; readonly key: string; readonly form: 'summary' | 'raw'; readonly delta: string }
  /** A reasoning item is whole: with `encrypted_content` it can be sent back to the account that made it. */
  | { readonly kind: 'reasoned'; readonly key: string; readonly item: Fields }
  | {
      readonly kind: 'call';
      readonly key: string;
      readonly callId: string;
      readonly name: string;
      /** `custom`: its input is free text and not JSON. */
      readonly form: 'function' | 'custom';
    }
  /** A piece of a call's arguments (JSON text) or of its free input. */
  | { readonly kind: 'arguments'; readonly key: string; readonly delta: string }
  | { readonly kind: 'called'; readonly key: string }
  /** Any other finished item, such as `image_generation_call` or `web_search_call`. */
  | { readonly kind: 'item'; readonly key: string; readonly item: Fields }
  /** Always last, and once. A failed answer has no end: it is thrown. */
  | {
      readonly kind: 'ended';
      readonly outcome: 'completed' | 'incomplete';
      /** With all of its items in `output`, also where the upstream left that empty. */
      readonly response: Fields;
    };
