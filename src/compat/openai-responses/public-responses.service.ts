import { Injectable } from '@nestjs/common';
import { asText, type AccountId, type Fields, type Principal, type RoutedCall } from '../../core/index.js';
import type { AnswerPart } from '../../exchange/index.js';
import { withoutTriggers } from '../codex-backend/compaction.js';
import type { Received } from '../received.js';
import { isReasoning } from '../translation/sealed-items.js';
import { TranslatedCalls } from '../translation/translated-calls.service.js';
import { answerShape, type AnswerShape } from './answer-shape.js';
import { compactCall, compactRequest } from './compact.js';
import { decodeResponses } from './decode.js';
import type { DecodeContext, DecodedResponse } from './decoded.js';
import { responsesDialect } from './dialect.js';
import { folded, foldingCall } from './folding.js';
import { inputTokens } from './input-tokens.js';
import type { Finished } from './public-events.js';
import { referencesIn, referredInput } from './stored-references.js';
import { StoredResponses } from './stored-responses.service.js';

/** A request that was understood, on its way. */
export interface AskedResponse {
  readonly call: RoutedCall;
  /** Whether the client wants its answer as it comes. */
  readonly stream: boolean;
  readonly shape: AnswerShape;
  readonly finished: Finished;
}

interface Understood {
  readonly decoded: DecodedResponse;
  /** Who made what it goes on from. */
  readonly makerId: AccountId | undefined;
  readonly call: RoutedCall;
  readonly previousId: string | undefined;
}

/** What a request goes on from. */
interface Earlier extends Pick<DecodeContext, 'before' | 'referred'> {
  readonly makerId?: AccountId;
}

/** Holds nothing of what was said while the answer is under way. */
const KEEPS_NOTHING: Finished = async () => undefined;

/** Requests of `/v1/responses` over HTTP. */
@Injectable()
export class PublicResponses {
  constructor(
    private readonly calls: TranslatedCalls,
    private readonly stored: StoredResponses,
  ) {}

  /** @throws GatewayError with the field that is wrong; nothing was asked upstream by then */
  async ask(body: Fields, received: Received, caller: Principal): Promise<AskedResponse> {
    const understood = await this.understood(body, received, caller);
    const { decoded, call, previousId } = understood;
    return {
      call: decoded.folds ? foldingCall(call) : call,
      stream: decoded.stream,
      shape: answerShape(decoded, received, previousId),
      finished: this.keeping(understood, caller),
    };
  }

  /** @throws GatewayError with the field that is wrong */
  async askToCompact(body: Fields, received: Received, caller: Principal): Promise<RoutedCall> {
    const { call } = await this.understood(compactRequest(body), received, caller);
    return compactCall(call);
  }

  /** One head, then the answer's events. @param signal aborts when the client leaves */
  run(call: RoutedCall, caller: Principal, signal: AbortSignal): AsyncIterable<AnswerPart> {
    const parts = this.calls.run(call, caller, signal);
    return call.operation === 'compaction' ? folded(parts) : parts;
  }

  /** About how many tokens a request has. @throws GatewayError naming what it goes on from and is not there */
  async countTokens(body: Fields, caller: Principal): Promise<number> {
    const { before = [], referred = new Map() } = await this.earlier(body, caller);
    return inputTokens(body, [...before, ...referred.values()]);
  }

  private async understood(body: Fields, received: Received, caller: Principal): Promise<Understood> {
    const { pool } = caller;
    const { transport, headers } = received;
    const { makerId, ...earlier } = await this.earlier(body, caller);
    const decoded = decodeResponses(body, { pool, headers, transport, ...earlier });
    const translated = makerId === undefined ? decoded : { ...decoded, accountId: makerId };
    const call = await this.calls.call(translated, responsesDialect.name, received, caller);
    return { decoded, makerId, call, previousId: previousIn(body) };
  }

  private async earlier(body: Fields, caller: Principal): Promise<Earlier> {
    const previousId = previousIn(body);
    const chain = previousId === undefined ? undefined : await this.stored.expand(previousId, caller);
    const references = caller.pool.stored === undefined ? [] : referencesIn(body);
    const found = references.length === 0 ? undefined : await this.stored.referred(references, caller);
    const makerId = chain?.accountId ?? [...(found?.values() ?? [])].at(-1)?.accountId;
    return {
      ...(chain === undefined ? {} : { before: chain.input }),
      ...(found === undefined ? {} : { referred: referredInput(found, makerId) }),
      ...(makerId === undefined ? {} : { makerId }),
    };
  }

  /** By the time that a client knows a response's id, it can ask for it. */
  private keeping({ decoded, makerId, previousId }: Understood, caller: Principal): Finished {
    if (!decoded.store || caller.pool.stored === undefined) return KEEPS_NOTHING;
    const { own } = decoded;
    return async (response, accountId) => {
      if (accountId === undefined) return;
      const previous = previousId === undefined ? {} : { previousId };
      // What asks for a compaction was answered by it: sent again it would ask for another.
      const input = withoutTriggers(hasMoved(makerId, accountId) ? own.filter((item) => !isReasoning(item)) : own);
      await this.stored.keep({ response, input, accountId, ...previous }, caller);
    };
  }
}

/** Whoever answers instead of the maker was not given its reasoning. */
const hasMoved = (makerId: AccountId | undefined, accountId: AccountId): boolean =>
  makerId !== undefined && makerId !== accountId;

const previousIn = (body: Fields): string | undefined => asText(body['previous_response_id']);
