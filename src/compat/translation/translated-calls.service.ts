import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { CallBody, type CallId, type Principal, type RoutedCall } from '../../core/index.js';
import { ExchangeService, type AnswerPart } from '../../exchange/index.js';
import { CatalogService } from '../../upstream/index.js';
import { fileReferences } from '../codex-backend/file-references.js';
import type { Received } from '../received.js';
import { sessionOf } from '../session-name.js';
import { modelFacts, type ModelFacts } from './model-facts.js';
import { responsesBody, type WantedResponse } from './responses-body.js';
import { accountFor, withoutReasoning } from './sealed-items.js';
import type { Translated } from './translated.js';
import { isUnreadableReasoning } from './unreadable-reasoning.js';

/** Requests of other protocols on their way to the backend, as Responses requests of our own. */
@Injectable()
export class TranslatedCalls {
  constructor(
    private readonly exchange: ExchangeService,
    private readonly catalog: CatalogService,
  ) {}

  /** @param dialect the name of the client's protocol */
  async call(translated: Translated, dialect: string, received: Received, caller: Principal): Promise<RoutedCall> {
    const { wanted, headers = {}, accountId } = translated;
    const facts = await this.facts(wanted.model, caller);
    const files = fileReferences(wanted.input);
    const cacheKey = wanted.fields['prompt_cache_key'];
    const session =
      translated.session ?? sessionOf(received.headers) ?? (typeof cacheKey === 'string' ? cacheKey : undefined);
    return {
      id: received.id,
      requestId: received.requestId,
      receivedAtMs: received.receivedAtMs,
      dialect,
      operation: 'responses',
      transport: received.transport,
      route: received.route,
      model: wanted.model,
      // The exchange has to see a terminal event: without one there is no answer to collect.
      stream: true,
      ...(translated.stream ? {} : { collected: true }),
      headers,
      body: bodyOf(wanted, (given) => responsesBody(given, facts, caller.pool)),
      ...(session === undefined || session === '' ? {} : { session }),
      ...(files.length === 0 ? {} : { files }),
      ...(accountId === undefined ? {} : { account: accountFor(accountId, wanted.input) }),
    };
  }

  /**
   * One head, then the answer's events. Reasoning that a client brings back may be of nobody knows which account: when
   * the one that got it cannot read it, the call is made once more, without.
   *
   * @param signal aborts when the client leaves
   */
  async *run(call: RoutedCall, caller: Principal, signal: AbortSignal): AsyncGenerator<AnswerPart> {
    let begun = false;
    try {
      for await (const part of this.exchange.run(call, caller, signal)) {
        begun = true;
        yield part;
      }
      return;
    } catch (error) {
      if (begun || !isUnreadableReasoning(error) || call.body.unsealed() === call.body) throw error;
    }
    yield* this.exchange.run({ ...call, id: randomUUID() as CallId, body: call.body.unsealed() }, caller, signal);
  }

  /** What the Pool's catalog says of a model; `{}` when it is not listed, or nobody can say. */
  async facts(model: string, { pool }: Principal): Promise<ModelFacts> {
    const catalog = await this.catalog.models(pool.id).catch(() => undefined);
    const name = model.toLowerCase();
    const found = catalog?.entries.find(({ slug }) => slug.toLowerCase() === name);
    return found === undefined ? {} : modelFacts(found.entry);
  }
}

function bodyOf(wanted: WantedResponse, encode: (wanted: WantedResponse) => Buffer): CallBody {
  const open = withoutReasoning(wanted);
  return open === undefined ? new CallBody(encode(wanted)) : new CallBody(encode(wanted), () => encode(open));
}
