import { Injectable } from '@nestjs/common';
import { asText, CallBody, newCallId, type Principal, type RoutedCall } from '../../core/index.js';
import { ExchangeService, type AnswerPart } from '../../exchange/index.js';
import { modelOfKey } from '../../routing/index.js';
import { CatalogService } from '../../upstream/index.js';
import { fileReferences } from '../codex-backend/file-references.js';
import type { Received } from '../received.js';
import { sessionOf } from '../session-name.js';
import { modelFacts, type ModelFacts } from './model-facts.js';
import { onceMore } from './once-more.js';
import { askedApart, responsesBody } from './responses-body.js';
import { accountFor, cacheKeyIn, goesOnFrom } from './sealed-items.js';
import type { Translated } from './translated.js';

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
    const { prompt_cache_key: cacheKey, previous_response_id: previousId } = wanted.fields;
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
      body: new CallBody(responsesBody(wanted, facts, caller.pool)),
      ...goesOnFrom(wanted.input, asText(previousId)),
      ...cacheKeyIn(cacheKey),
      ...askedApart(wanted),
      ...(session === undefined || session === '' ? {} : { session }),
      ...(files.length === 0 ? {} : { files }),
      ...(accountId === undefined ? {} : { account: accountFor(accountId, wanted.input) }),
    };
  }

  /**
   * One head, then the answer's events; without the reasoning in the call when nobody can read that.
   *
   * @param signal aborts when the client leaves
   */
  run(call: RoutedCall, caller: Principal, signal: AbortSignal): AsyncIterable<AnswerPart> {
    const run = (given: RoutedCall) => this.exchange.run(given, caller, signal);
    return onceMore(call, run, () => newCallId(Date.now()));
  }

  /**
   * What the Pool's catalog says of the model that serves a name, as the caller's key has it; `{}` when it is not listed,
   * or nobody can say.
   */
  async facts(model: string, caller: Principal): Promise<ModelFacts> {
    const catalog = await this.catalog.models(caller.pool.id).catch(() => undefined);
    const name = modelOfKey(model, caller).toLowerCase();
    const found = catalog?.entries.find(({ slug }) => slug.toLowerCase() === name);
    return found === undefined ? {} : modelFacts(found.entry);
  }
}
