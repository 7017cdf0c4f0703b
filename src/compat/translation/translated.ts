import type { AccountId } from '../../core/index.js';
import type { WantedResponse } from './responses-body.js';

/** A client's request in the backend's terms, as a dialect's `decode` gives it. */
export interface Translated {
  readonly wanted: WantedResponse;
  /** Whether the client wants the answer as it comes; the backend is always asked for a stream. */
  readonly stream: boolean;
  /** The client's own name for its conversation, if it has one. */
  readonly session?: string;
  /** Goes upstream beside our own name, lower-case: `x-openai-subagent`, `x-openai-memgen-request`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Who made what the request goes on from. */
  readonly accountId?: AccountId;
}
