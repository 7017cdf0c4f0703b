import { Injectable } from '@nestjs/common';
import type { Fields, Principal } from '../../core/index.js';
import { SecretBox } from '../../platform/crypto/index.js';
import type { Received } from '../received.js';
import type { ModelFacts } from '../translation/model-facts.js';
import { TranslatedCalls } from '../translation/translated-calls.service.js';
import { decodeMessages, type DecodedMessages } from './decode.js';
import { SealedThinking } from './sealed-thinking.js';
import { servedModel } from './served-model.js';

export interface MessageRequest extends DecodedMessages {
  readonly facts: ModelFacts;
  readonly thinking: SealedThinking;
}

/** Messages requests as their routes get them: decoded for the model that serves them. */
@Injectable()
export class MessageRequests {
  constructor(
    private readonly calls: TranslatedCalls,
    private readonly box: SecretBox,
  ) {}

  /** @throws GatewayError with the field that is wrong, or that cannot be honoured */
  async read(body: Fields, { headers }: Pick<Received, 'headers'>, caller: Principal): Promise<MessageRequest> {
    const model = servedModel(body['model'], caller.pool);
    const facts = await this.calls.facts(model, caller);
    const thinking = new SealedThinking(this.box, caller.pool.id);
    return { ...decodeMessages(body, headers, caller, { model, facts, thinking }), facts, thinking };
  }
}
