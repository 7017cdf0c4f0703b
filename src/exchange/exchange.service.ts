import { Inject, Injectable } from '@nestjs/common';
import { SpanKind, type Span } from '@opentelemetry/api';
import { GatewayError, type Principal, type RoutedCall } from '../core/index.js';
import { LedgerService, type Intent } from '../accounting/index.js';
import { CONFIG, type Config } from '../platform/config/index.js';
import { failSpan, inSpan, withSpan } from '../platform/telemetry/index.js';
import { AffinityService, RouterService, refusalOf, type Choice } from '../routing/index.js';
import { AccountPoolService, type AccountAnswer, type AccountSnapshot } from '../upstream/index.js';
import type { AnswerHead, AnswerPart } from './answer.js';
import { callIntent } from './call-intent.js';
import { attemptAttributes, callAttributes, describeReading, spanName } from './attributes.js';
import { interrupted, outward } from './errors.js';
import { firstToAnswer, mayMoveOn, type Tried } from './failover.js';
import { CLOSING_MS, gentleEnd } from './gentle-end.js';
import { Meter } from './meter.js';
import { RETRY_WINDOW, untilVisible, type Opened } from './retry-window.js';

type Answer = Opened & Pick<AnswerHead, 'status' | 'headers' | 'accountId'>;

/** How a call reaches an account: as a request of its own, or as a turn on a socket that is open already. */
export interface Opener {
  /** @throws GatewayError for everything but an answer */
  open(account: AccountSnapshot, call: RoutedCall, signal: AbortSignal): Promise<AccountAnswer>;
}

interface Asked {
  readonly call: RoutedCall;
  readonly caller: Principal;
  readonly signal: AbortSignal;
  readonly opener: Opener;
}

/** One call on its way: what every step of it needs to know. */
interface Passage extends Asked {
  readonly intent: Intent;
  readonly meter: Meter;
}

/** The gateway: a routed call, from its intent to its settlement. Knows no client dialect and no upstream kind. */
@Injectable()
export class ExchangeService {
  constructor(
    private readonly router: RouterService,
    private readonly affinity: AffinityService,
    private readonly accounts: AccountPoolService,
    private readonly ledger: LedgerService,
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
    const { call, caller, signal } = asked;
    const record = callIntent(call, caller, span.spanContext());
    const intent = this.ledger.intend(record);
    const meter = new Meter();
    let route: Choice = { candidates: [], exclusions: [], elsewhere: false };
    let answer: Answer | undefined;
    try {
      route = await this.router.route(call, caller);
      answer = await firstToAnswer(
        route.candidates,
        (account) => this.attempt(account, { ...asked, intent, meter }),
        (failure) => mayMoveOn(call, failure),
        () => refusalOf(route, Date.now()),
      );
      call.body.release();
      await intent.durable();
      meter.answered(answer.status);
      yield { kind: 'head', status: answer.status, headers: answer.headers, accountId: answer.accountId };
      for await (const batch of gentleEnd(answer.batches, () => meter.ended, CLOSING_MS)) {
        yield { kind: 'batch', ...meter.observe(batch, Date.now()) };
        if (meter.ended) break;
      }
      if (call.stream && !meter.ended) throw interrupted();
      meter.completed();
    } catch (thrown) {
      const error = GatewayError.from(signal.aborted ? signal.reason : thrown);
      throw meter.fail(outward(error, call, meter, route, Date.now()));
    } finally {
      await answer?.close();
      const reading = meter.reading(Date.now());
      describeReading(span, reading, call.receivedAtMs);
      this.ledger.settle({ ...record, ...reading, exclusions: route.exclusions, completedAtMs: Date.now() });
    }
  }

  /** One try of the call against one account, up to the first thing a client could see. */
  private attempt(
    account: AccountSnapshot,
    { call, caller, opener, intent, meter, signal }: Passage,
  ): Promise<Tried<Answer>> {
    const number = meter.attempt(account, Date.now());
    intent.attempt({ number, accountId: account.id, accountLabel: account.label, startedAtMs: Date.now() });
    const options = { kind: SpanKind.CLIENT, attributes: attemptAttributes(call, account, number) };
    return withSpan('attempt', options, async (span) => {
      try {
        const answer = await opener.open(account, callFor(account, call), signal);
        const { failureOf } = answer;
        const opened = await untilVisible(answer.batches, failureOf, {
          ...RETRY_WINDOW,
          afterFirstMs: this.config.RETRY_WINDOW_MS,
          silenceMs: this.config.KEEPALIVE_MS,
        });
        if (opened.failure) {
          meter.attemptFailed(opened.failure, Date.now());
          failSpan(span, opened.failure);
        } else void this.affinity.remember(call, caller, account.id);
        const { status, headers } = answer;
        return { answer: { ...opened, status, headers, accountId: account.id }, failure: opened.failure };
      } catch (thrown) {
        const error = GatewayError.from(signal.aborted ? signal.reason : thrown);
        meter.attemptFailed(error, Date.now());
        throw error;
      }
    });
  }
}

/** What is sealed for one account goes to no other. */
const callFor = ({ id }: AccountSnapshot, call: RoutedCall): RoutedCall =>
  call.account === undefined || call.account.id === id ? call : { ...call, body: call.body.unsealed() };
