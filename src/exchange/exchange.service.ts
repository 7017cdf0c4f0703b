import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { SpanKind, type Span } from '@opentelemetry/api';
import { ERRORS, GatewayError, type Principal, type RoutedCall } from '../core/index.js';
import { LedgerService, PriceService, type Intent } from '../accounting/index.js';
import { CONFIG, type Config } from '../platform/config/index.js';
import { failSpan, inSpan, pastSpan, traceHeaders, withSpan } from '../platform/telemetry/index.js';
import { refusalOf, type Placed, type Placement } from '../routing/index.js';
import { AccountPoolService, type AccountAnswer, type AccountSnapshot } from '../upstream/index.js';
import type { AnswerHead, AnswerPart } from './answer.js';
import { attemptAttributes, callAttributes, decisionAttributes, describeReading, spanName } from './attributes.js';
import { countCall, countHead } from './call-metrics.js';
import { chargeOf } from './charge.js';
import { EntryService } from './entry.service.js';
import { interrupted, outward } from './errors.js';
import { firstToAnswer, mayMoveOn, type Tried } from './failover.js';
import { CLOSING_MS, gentleEnd } from './gentle-end.js';
import { Meter } from './meter.js';
import { RetryBudget } from './retry-budget.js';
import { RETRY_WINDOW, untilVisible, type Opened } from './retry-window.js';

type Answer = Opened & Pick<AnswerHead, 'status' | 'headers' | 'accountId'>;

/** How a call reaches an account: as a request of its own, or as a turn on a socket that is open already. */
export interface Opener {
  /**
   * @param begun to be called when something is about to be sent; again does nothing
   * @throws GatewayError for everything but an answer; `upstream_account_busy` when nothing was sent
   */
  open(account: AccountSnapshot, call: RoutedCall, signal: AbortSignal, begun: () => void): Promise<AccountAnswer>;
}

interface Asked {
  readonly call: RoutedCall;
  readonly caller: Principal;
  readonly signal: AbortSignal;
  readonly opener: Opener;
}

/** One call on its way: what every step of it needs to know. */
interface Passage extends Asked {
  readonly placement: Placement;
  readonly intent: Intent;
  readonly meter: Meter;
}

/** The gateway: a routed call, from its intent to its settlement. Knows no client dialect and no upstream kind. */
@Injectable()
export class ExchangeService {
  private readonly budget = new RetryBudget();

  constructor(
    private readonly entries: EntryService,
    private readonly accounts: AccountPoolService,
    private readonly ledger: LedgerService,
    private readonly prices: PriceService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Serve a call: one head, then its events.
   *
   * @param signal aborts when the client leaves or the process must go; its reason is the `GatewayError` to settle with
   * @throws GatewayError before the head: nothing has left yet; after it: the answer broke off
   */
  run(
    call: RoutedCall,
    caller: Principal,
    signal: AbortSignal,
    opener: Opener = this.accounts,
  ): AsyncIterable<AnswerPart> {
    const options = { kind: SpanKind.SERVER, attributes: callAttributes(call, caller) };
    return inSpan(spanName(call), options, (span) => this.exchange({ call, caller, signal, opener }, span));
  }

  /** Read it top to bottom: that is the whole gateway. */
  private async *exchange(asked: Asked, span: Span): AsyncGenerator<AnswerPart> {
    const { caller, signal } = asked;
    const entered = await this.entries.enter(asked.call, caller, signal, span.spanContext());
    const { call, record, reservation, placement } = entered;
    const intent = this.ledger.intend(record);
    const meter = new Meter();
    const passage = { ...asked, call, placement, intent, meter };
    let answer: Answer | undefined;
    let answeredAtMs: number | undefined;
    try {
      await this.entries.confirm(entered, intent);
      answer = await firstToAnswer(
        (failure) => this.routed(passage, failure),
        (placed) => this.attempt(placed, passage),
        () => this.refusal(placement),
      );
      call.body.release();
      await intent.durable();
      meter.answered(answer.status);
      answeredAtMs = Date.now();
      yield { kind: 'head', status: answer.status, headers: answer.headers, accountId: answer.accountId };
      for await (const batch of gentleEnd(answer.batches, () => meter.ended, CLOSING_MS)) {
        const seen = meter.observe(batch, Date.now());
        placement.saw(seen);
        yield { kind: 'batch', ...seen };
        if (meter.ended) break;
      }
      if (call.stream && !meter.ended) throw interrupted();
      meter.completed();
    } catch (thrown) {
      const error = GatewayError.from(signal.aborted ? signal.reason : thrown);
      throw meter.fail(outward(error, call, meter, placement.decision, Date.now()));
    } finally {
      await answer?.close();
      placement.release();
      const endedAtMs = Date.now();
      const reading = meter.reading(endedAtMs);
      describeReading(span, reading, call.receivedAtMs);
      const { used, ...charge } = chargeOf(reading, call, caller, entered.expected, this.prices);
      reservation?.settle(used);
      const ended = { ...reading, ...charge, ...(placement.decision ? { decision: placement.decision } : {}) };
      this.ledger.settle({ ...record, ...ended, completedAtMs: endedAtMs });
      countCall(call, caller, ended, endedAtMs);
      if (answeredAtMs !== undefined) pastSpan('stream', {}, answeredAtMs, endedAtMs);
      pastSpan('settle', {}, endedAtMs, Date.now());
    }
  }

  private routed(passage: Passage, failure: GatewayError | undefined): Promise<Placed | undefined> {
    return withSpan('route', {}, async (span) => {
      const placed = await this.next(passage, failure);
      const { decision } = passage.placement;
      if (decision) span.setAttributes(decisionAttributes(decision));
      return placed;
    });
  }

  /** Whom to ask: first, or after a failure that another account may not have. */
  private async next(
    { call, caller, signal, placement }: Passage,
    failure?: GatewayError,
  ): Promise<Placed | undefined> {
    const { id } = caller.pool;
    if (failure === undefined) {
      this.budget.called(id);
      return placement.next(true);
    }
    if (failure.code === 'upstream_account_busy') return placement.next(true);
    if (!mayMoveOn(call, failure)) return undefined;
    const afterMs = this.budget.retryAfterMs(id, failure, Date.now(), Math.random());
    if (afterMs === undefined) return undefined;
    if (afterMs > 0) await delay(afterMs, undefined, { signal });
    // Who waits for another account adds nothing to the load of a service that fails; but it may fail there as well.
    return placement.next(ERRORS[failure.code].scope === 'account');
  }

  /** The call as an upstream may see it that is told of the attempt's span. */
  private traced(call: RoutedCall): RoutedCall {
    if (!this.config.UPSTREAM_TRACE_CONTEXT) return call;
    return { ...call, headers: { ...call.headers, ...traceHeaders() } };
  }

  private refusal({ decision }: Placement): GatewayError {
    if (decision !== undefined) return refusalOf(decision, Date.now());
    return new GatewayError('internal', 'The call was not routed.');
  }

  /** One try of the call against one account, up to the first thing a client could see. */
  private attempt(
    placed: Placed,
    { caller, opener, placement, intent, meter, signal }: Passage,
  ): Promise<Tried<Answer>> {
    const { account, call } = placed;
    let startedAtMs: number | undefined;
    const begun = (): number => {
      if (startedAtMs !== undefined) return startedAtMs;
      startedAtMs = Date.now();
      const number = meter.attempt(account, startedAtMs);
      const { id: accountId, label: accountLabel, metered = false } = account;
      intent.attempt({ number, accountId, accountLabel, metered, startedAtMs });
      return startedAtMs;
    };
    const options = { kind: SpanKind.CLIENT, attributes: attemptAttributes(call, account, meter.nextAttempt) };
    return withSpan('attempt', options, async (span) => {
      try {
        const answer = await opener.open(account, this.traced(call), signal, begun);
        countHead(call, begun(), Date.now());
        const { failureOf, status, headers } = answer;
        const opened = await untilVisible(answer.batches, failureOf, {
          ...RETRY_WINDOW,
          afterFirstMs: this.config.RETRY_WINDOW_MS,
          silenceMs: this.config.KEEPALIVE_MS,
        });
        if (opened.failure) {
          meter.attemptFailed(opened.failure, Date.now());
          failSpan(span, opened.failure);
        } else {
          this.budget.answered(caller.pool.id);
          void placement.served(account.id);
        }
        const close = async (): Promise<void> => {
          await opened.close();
          placed.release();
        };
        return { answer: { ...opened, close, status, headers, accountId: account.id }, failure: opened.failure };
      } catch (thrown) {
        placed.release();
        const error = GatewayError.from(signal.aborted ? signal.reason : thrown);
        if (error.code === 'upstream_account_busy') placement.passOver(account.id);
        else {
          begun();
          meter.attemptFailed(error, Date.now());
        }
        throw error;
      }
    });
  }
}
