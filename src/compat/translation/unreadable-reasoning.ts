import { GatewayError } from '../../core/index.js';
import { providerError } from '../openai-errors.js';

const CODE = 'invalid_encrypted_content';
const WORDS = /encrypted content/i;

/** Whether a call failed because the account that got it cannot read the reasoning in it. */
export function isUnreadableReasoning(thrown: unknown): boolean {
  if (!(thrown instanceof GatewayError) || thrown.code !== 'upstream_refused') return false;
  return thrown.detail.upstreamCode === CODE || WORDS.test(providerError(thrown)?.message ?? '');
}
