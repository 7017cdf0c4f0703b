import type { Fields } from '../../core/index.js';
import { unsupported } from '../translation/checks/invalid.js';

/** What chat clients send and the backend has no word for, and that changes nothing of an answer when it is left out. */
const WITHOUT_EFFECT = [
  'logit_bias',
  'prompt_cache_options',
  'prompt_cache_retention',
  'safety_identifier',
  'seed',
  'user',
] as const;
const UNDERSTOOD = [
  'client_metadata',
  'function_call',
  'functions',
  'input',
  'max_completion_tokens',
  'max_tokens',
  'memgen_request',
  'messages',
  'metadata',
  'model',
  'moderation',
  'n',
  'parallel_tool_calls',
  'previous_response_id',
  'prompt_cache_key',
  'reasoning',
  'reasoning_effort',
  'response_format',
  'service_tier',
  'stop',
  'store',
  'stream',
  'stream_options',
  'subagent',
  'temperature',
  'text',
  'tool_choice',
  'tools',
  'top_p',
  'verbosity',
] as const;
/** What would change the answer and cannot be had; only a value that asks for nothing passes. */
const REFUSED: Readonly<Record<string, (value: unknown) => boolean>> = {
  logprobs: (value) => value === false,
  top_logprobs: (value) => value === 0,
  audio: () => false,
  frequency_penalty: (value) => value === 0,
  modalities: (value) => Array.isArray(value) && value.every((one) => one === 'text'),
  prediction: () => false,
  presence_penalty: (value) => value === 0,
  web_search_options: () => false,
};
const KNOWN: ReadonlySet<string> = new Set([...WITHOUT_EFFECT, ...UNDERSTOOD, ...Object.keys(REFUSED)]);

/** The same without the fields that are null, which is how SDKs write what was not set. */
export const withoutNulls = (body: Fields): Fields =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null && value !== undefined));

/**
 * @throws GatewayError `unsupported_parameter` with the field that nobody knows, or that cannot be honoured
 * Source: decisions OD-4, seed-features C9.
 */
export function requireKnown(body: Fields): void {
  requireHonourable(body);
  const unknown = Object.keys(body).find((name) => !KNOWN.has(name));
  if (unknown !== undefined) throw unsupported(unknown);
}

/** @throws as `requireKnown` does; fields that are not known pass */
export function requireHonourable(body: Fields): void {
  for (const [name, asksForNothing] of Object.entries(REFUSED)) {
    if (Object.hasOwn(body, name) && !asksForNothing(body[name])) throw unsupported(name);
  }
}
