import { Inject, Injectable } from '@nestjs/common';
import type { UsageLimit } from '../../core/index.js';
import type { Amounts, Hold } from '../../platform/shared-state/index.js';
import { ProcessRegistry } from '../process-registry.service.js';
import type { ReservationRecord } from '../reservation-record.js';
import { storedText, storedTime } from '../stored-text.js';
import { BudgetWarnings } from './budget-warnings.service.js';
import { overLimit, tooLarge } from './denial.js';
import type { HeldCall, Verdict } from './limit-counters.js';
import { isLimiting, scopesOf, type LimitScope } from './limit-scope.js';
import { LimitStore } from './limit-store.service.js';
import type { LimitedCall } from './limited-call.js';
import { ReservationHolder } from './reservation-holder.service.js';
import { dayOf } from './windows.js';

/** What a call may use of its limits, until it is known what it did use. */
export interface Reservation {
  /** For the call's intent. */
  readonly record: ReservationRecord;
  /** Whether the record has to be committed, and then confirmed, before the call is sent. */
  readonly mustBeDurable: boolean;

  /**
   * To be asked once the record is committed: whether the call still may be sent. Whatever was lost between the two, no
   * more calls get a yes than the limits have room for. Nothing is reserved after a no.
   *
   * @throws GatewayError `api_key_policy_limit_exceeded`, `accounting_unavailable`
   */
  confirm(): Promise<void>;

  /** The call is over, and has used so much. Never throws; only the first end of a reservation counts. */
  settle(used: Amounts): void;

  /** The call was never sent. Never throws; only the first end of a reservation counts. */
  release(): void;
}

/** Lets calls in as far as the limits of their keys and Pools have room. */
@Injectable()
export class LimitsService {
  constructor(
    private readonly store: LimitStore,
    private readonly holder: ReservationHolder,
    private readonly warnings: BudgetWarnings,
    @Inject(ProcessRegistry) private readonly processes: Pick<ProcessRegistry, 'id'>,
  ) {}

  /**
   * Takes what a call may use from all of its limits, or from none.
   *
   * @returns undefined when nothing limits it
   * @throws GatewayError `api_key_policy_limit_exceeded`; `accounting_unavailable` when nobody can count
   */
  async reserve(call: LimitedCall, limits: readonly UsageLimit[] | undefined): Promise<Reservation | undefined> {
    const limiting = limits?.filter((limit) => isLimiting(limit, call.model)) ?? [];
    if (limiting.length === 0) return undefined;
    for (const limit of limiting) throwIfAny(tooLarge(call, limit));
    const day = dayOf(call.receivedAtMs);
    const scopes = scopesOf(limiting, day);
    if (scopes.length === 0) return undefined;
    const hold: Hold = { id: call.id, day, tokens: call.input + call.output, nanoUsd: call.nanoUsd };
    const held: HeldCall = { hold, record: recordOf(call, hold, this.processes.id) };
    const { verdict, mustBeDurable } = await this.store.hold(held, scopes);
    this.letIn(verdict, scopes, hold);
    const keys = scopes.map(({ counter }) => counter.key);
    this.holder.add(hold, keys);
    return {
      record: held.record,
      mustBeDurable,
      confirm: () => (mustBeDurable ? this.confirm(held, scopes) : Promise.resolve()),
      settle: (used) => this.holder.settle(hold.id, used),
      release: () => this.holder.release(hold.id),
    };
  }

  private async confirm(held: HeldCall, scopes: readonly LimitScope[]): Promise<void> {
    try {
      this.letIn(await this.store.confirm(held, scopes), scopes, held.hold);
    } catch (thrown) {
      this.holder.release(held.hold.id);
      throw thrown;
    }
  }

  private letIn(verdict: Verdict, scopes: readonly LimitScope[], hold: Hold): void {
    if (verdict.result === 'full') throw overLimit(scopes, hold, verdict);
    this.warnings.note(scopes, verdict.used, hold.day);
  }
}

const recordOf = (call: LimitedCall, { tokens, nanoUsd }: Hold, processId: string): ReservationRecord => ({
  call_id: call.id,
  process_id: processId,
  pool_id: call.poolId,
  key_id: call.keyId,
  model: storedText(call.model),
  tokens,
  nano_usd: nanoUsd,
  received_at: storedTime(call.receivedAtMs),
});

function throwIfAny(error: Error | undefined): void {
  if (error !== undefined) throw error;
}
