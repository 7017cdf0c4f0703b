/** One Responses event, as the upstream sent it. */
export interface ResponseEvent {
  /**
   * The event's type: `type` of its JSON, else the `event:` line. `''` when it has neither (a comment, `[DONE]`, a bare
   * object), so that no caller mistakes it for an event it knows.
   */
  readonly type: string;
  /** The block's bytes with its closing separator, exactly as received. */
  readonly raw: Buffer;
  /** The block's data as JSON, parsed at first use and then kept; `undefined` when there is none or it is not JSON. */
  json(): unknown;
}

/** The complete events that one read of the upstream held, in order. `raw` is all their bytes, so a relay copies nothing. */
export interface EventBatch {
  readonly raw: Buffer;
  readonly events: readonly ResponseEvent[];
}
