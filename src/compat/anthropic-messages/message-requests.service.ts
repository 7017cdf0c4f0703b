import { Injectable } from '@nestjs/common';
import type { Fields, Principal } from '../../core/index.js';
import { SecretBox } from '../../platform/crypto/index.js';
import { modelOfKey } from '../../routing/index.js';
import type { Received } from '../received.js';
import type { ModelFacts } from '../translation/model-facts.js';
import { TranslatedCalls } from '../translation/translated-calls.service.js';
import { decodeMessages, type DecodedMessages } from './decode.js';
import { SealedThinking } from './sealed-thinking.js';
import { askedModel } from './served-model.js';

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
    const asked = askedModel(body['model'], caller);
    const facts = await this.calls.facts(asked, caller);
    const thinking = new SealedThinking(this.box, caller.pool.id);
    const model = modelOfKey(asked, caller);
    const { translated, ...decoded } = decodeMessages(body, headers, caller, { model, facts, thinking });
    const wanted = { ...translated.wanted, model: asked };
    return { ...decoded, translated: { ...translated, wanted }, facts, thinking };
  }
}
