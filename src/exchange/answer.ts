import type { AccountId, EventBatch } from '../core/index.js';

/** What the client learns before the first event. */
export interface AnswerHead {
  readonly kind: 'head';
  readonly status: number;
  readonly accountId: AccountId;
  /** Lower-case; only what a client may see. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Events, as far as the client gets them: nothing after the terminal one. */
export interface AnswerBatch extends EventBatch {
  readonly kind: 'batch';
}

/** A routed call yields one head, then batches; after its last batch the call was complete. */
export type AnswerPart = AnswerHead | AnswerBatch;
