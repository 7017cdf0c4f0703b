import { asFields, ERRORS, type ErrorCode, type Fields, type GatewayError } from '../../core/index.js';
import { openaiError } from '../openai-errors.js';

/** Some agents tell by these words, up to the colon, that they may try again. Source: runtime contract §8.4. */
const ENDED_EARLY = {
  message: 'upstream request failed: event stream ended early',
  type: 'server_error',
  code: 'server_error',
};
/** Failures on the upstream's side that have a word of their own. */
const SPOKEN: ReadonlySet<ErrorCode> = new Set([
  'upstream_response_failed',
  'server_is_overloaded',
  'invalid_compaction_response',
]);
const RESPONSE_ID = /^resp_[A-Za-z0-9_-]{1,250}$/;
const MODEL = /^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,199}$/;
const REASONS: ReadonlySet<unknown> = new Set(['max_output_tokens', 'content_filter']);

/** What a response failed of, as its client is told. */
function failureIn(error: GatewayError): Fields {
  if (ERRORS[error.code].blame === 'upstream' && !SPOKEN.has(error.code)) return ENDED_EARLY;
  const { message, type, code } = openaiError(error);
  return { message, type, code };
}

/**
 * The last event of an answer that failed, made anew: of what the upstream says in it only what is known to be harmless
 * goes on. The error stands at the top as well, where clients look for what to throw.
 *
 * @param response as far as the upstream told of it
 */
export function failedEvent(error: GatewayError, response: Fields): Fields & { readonly type: string } {
  const failure = failureIn(error);
  const { id, model, created_at: createdAt, incomplete_details: incomplete, usage } = response;
  const reason = asFields(incomplete)?.['reason'];
  return {
    type: 'response.failed',
    error: failure,
    response: {
      id: typeof id === 'string' && RESPONSE_ID.test(id) ? id : 'resp_failed',
      object: 'response',
      created_at: asCount(createdAt) ?? 0,
      status: 'failed',
      model: typeof model === 'string' && MODEL.test(model) ? model : 'unknown',
      error: failure,
      incomplete_details: REASONS.has(reason) ? { reason } : null,
      instructions: null,
      metadata: null,
      output: [],
      output_text: '',
      parallel_tool_calls: false,
      tool_choice: 'auto',
      tools: [],
      temperature: null,
      top_p: null,
      usage: usageIn(usage),
    },
  };
}

const asCount = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

/** Whole or not at all. */
function usageIn(given: unknown): Fields | null {
  const usage = asFields(given);
  const input = asCount(usage?.['input_tokens']);
  const output = asCount(usage?.['output_tokens']);
  if (input === undefined || output === undefined) return null;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: detail(usage, 'input_tokens_details', 'cached_tokens') },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: detail(usage, 'output_tokens_details', 'reasoning_tokens') },
    total_tokens: asCount(usage?.['total_tokens']) ?? input + output,
  };
}

const detail = (usage: Fields | undefined, group: string, name: string): number =>
  asCount(asFields(usage?.[group])?.[name]) ?? 0;
