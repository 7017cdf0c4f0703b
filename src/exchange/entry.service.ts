import { Injectable } from '@nestjs/common';
import type { SpanContext } from '@opentelemetry/api';
import { ERRORS, GatewayError, type EstimatedUsage, type Principal, type RoutedCall } from '../core/index.js';
import {
  estimate,
  LedgerService,
  LimitsService,
  PriceService,
  type CallIntent,
  type Intent,
  type Reservation,
} from '../accounting/index.js';
import { withSpan } from '../platform/telemetry/index.js';
import { PlacementService, type Placement } from '../routing/index.js';
import { callIntent } from './call-intent.js';
import { countRefusal } from './call-metrics.js';

/** A call that has come in, as its key lets it go on. */
export interface Entered {
  readonly call: RoutedCall;
  /** Of the call, for the ledger. */
  readonly record: CallIntent;
  /** What it may come to, before anybody knows. */
  readonly expected: EstimatedUsage;
  /** What it may use of its limits; absent: nothing limits it. */
  readonly reservation?: Reservation;
  readonly placement: Placement;
}

/** The way in: what the key allows, what it and its Pool may still use, and a place among the calls that run. */
@Injectable()
export class EntryService {
  constructor(
    private readonly placements: PlacementService,
    private readonly limits: LimitsService,
    private readonly prices: PriceService,
    private readonly ledger: LedgerService,
  ) {}

  /**
   * Let a call in. Whoever is not let in is remembered all the same, as rejected.
   *
   * @throws GatewayError why not; nothing is held then
   */
  async enter(asked: RoutedCall, caller: Principal, signal: AbortSignal, span: SpanContext): Promise<Entered> {
    const { call, refusal } = await withSpan('policy', {}, () => this.placements.ruled(asked, caller));
    const record = callIntent(call, caller, span);
    let reservation: Reservation | undefined;
    try {
      if (refusal) throw refusal;
      const expected = expectedOf(call);
      reservation = await withSpan('reserve', {}, () => this.reserve(call, caller, expected));
      const placement = await withSpan('admission', {}, () => this.placements.enter(call, caller, signal));
      return { call, record, expected, placement, ...(reservation ? { reservation } : {}) };
    } catch (thrown) {
      reservation?.release();
      const error = GatewayError.from(signal.aborted ? signal.reason : thrown);
      const { code, status } = error;
      const nowMs = Date.now();
      this.ledger.reject(record, { code, status, blame: ERRORS[code].blame }, nowMs);
      countRefusal(call, caller, error, nowMs);
      throw error;
    }
  }

  /**
   * Before anything is sent: what other processes must not lose is committed, and asked for once more.
   *
   * @throws GatewayError `api_key_policy_limit_exceeded`, `accounting_unavailable`
   */
  async confirm({ reservation }: Entered, intent: Intent): Promise<void> {
    if (reservation === undefined) return;
    intent.reserve(reservation.record);
    if (!reservation.mustBeDurable) return;
    await withSpan('confirm', {}, () => intent.durable().then(() => reservation.confirm()));
  }

  private async reserve(
    call: RoutedCall,
    caller: Principal,
    { input, output }: EstimatedUsage,
  ): Promise<Reservation | undefined> {
    if (caller.limits === undefined) return undefined;
    const { id, model, receivedAtMs, maxOutputTokens } = call;
    const { nanoUsd = 0 } = this.prices.estimateOf(model, caller.serviceTier, { input, output });
    const limited = { id, model, receivedAtMs, keyId: caller.keyId, poolId: caller.pool.id, input, output, nanoUsd };
    return this.limits.reserve({ ...limited, ...(maxOutputTokens ? { maxOutputTokens } : {}) }, caller.limits);
  }
}

/** Of bytes that are no text nobody can say how many tokens they are. */
const expectedOf = ({ body, contentType, maxOutputTokens }: RoutedCall): EstimatedUsage =>
  estimate(contentType === undefined ? body.bytes.length : 0, maxOutputTokens);
