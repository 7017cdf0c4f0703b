import { randomBytes } from 'node:crypto';
import type { KeyId, PoolId } from '../../src/core/index.js';
import { decodeMessages, type DecodedMessages } from '../../src/compat/anthropic-messages/decode.js';
import { SealedThinking } from '../../src/compat/anthropic-messages/sealed-thinking.js';
import type { ModelFacts } from '../../src/compat/translation/model-facts.js';
import { parseKeyRing, SecretBox } from '../../src/platform/crypto/index.js';

/** What a request is decoded with, beside its body. */
export interface Given {
  readonly headers?: Record<string, string>;
  readonly model?: string;
  readonly facts?: ModelFacts;
  readonly keyId?: string;
}

const box = new SecretBox(parseKeyRing(`v1:${randomBytes(32).toString('base64')}`));

/** Of one Pool. */
export const THINKING = new SealedThinking(box, 'pool-1' as PoolId);

export const HI = [{ role: 'user', content: 'hi' }];

/** A Messages request as it is understood; `body` goes over a small one. */
export function decoded(body: object, given: Given = {}): DecodedMessages {
  const { headers = {}, model = 'gpt-5.5', facts = {}, keyId = 'key-1' } = given;
  const whole = { model: 'claude-sonnet-4-6', messages: HI, ...body };
  return decodeMessages(whole, headers, { keyId: keyId as KeyId }, { model, facts, thinking: THINKING });
}
