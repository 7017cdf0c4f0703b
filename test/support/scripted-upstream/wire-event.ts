/** One Responses event as JSON; `sequence_number` is added when it is framed. */
export interface WireEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

export interface Usage {
  readonly input_tokens: number;
  readonly input_tokens_details: { readonly cached_tokens: number } | null;
  readonly output_tokens: number;
  readonly output_tokens_details: { readonly reasoning_tokens: number } | null;
  readonly total_tokens: number;
}

/** Token counts in the provider's own (overlapping) form: `cached` is part of `input`, `reasoning` part of `output`. */
export const usage = (input: number, cached: number, output: number, reasoning: number): Usage => ({
  input_tokens: input,
  input_tokens_details: { cached_tokens: cached },
  output_tokens: output,
  output_tokens_details: { reasoning_tokens: reasoning },
  total_tokens: input + output,
});

export const DEFAULT_USAGE = usage(1200, 1024, 48, 16);

/** An event as the backend frames it: label, data with a sequence number, LF separators. */
export const frame = (event: WireEvent, sequence: number): Buffer =>
  Buffer.from(`event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: sequence })}\n\n`);
