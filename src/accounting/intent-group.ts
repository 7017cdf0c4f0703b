import { GatewayError, type CallId } from '../core/index.js';
import type { AttemptStartRecord, RequestRecord } from './records.js';
import type { ReservationRecord } from './reservation-record.js';

/** One row of a group of intents. */
export type IntentLine =
  | { readonly request: RequestRecord }
  | { readonly attempt: AttemptStartRecord }
  | { readonly reservation: ReservationRecord };

const LINES_PER_GROUP = 500;

export function callOf(line: IntentLine): CallId {
  if ('request' in line) return line.request.id;
  return 'attempt' in line ? line.attempt.request_id : line.reservation.call_id;
}

export const unrecorded = (): GatewayError =>
  new GatewayError('accounting_unavailable', 'The request could not be recorded. Please try again.', {
    retryAfterMs: 1_000,
  });

/** Lines that share one commit and its fate. */
export class IntentGroup {
  readonly lines: IntentLine[] = [];
  private readonly refused = new Set<CallId>();
  private readonly fate: Promise<'committed' | 'expired'>;
  private decide: (fate: 'committed' | 'expired') => void = () => undefined;
  private decided = false;

  constructor() {
    this.fate = new Promise((resolve) => (this.decide = resolve));
  }

  get full(): boolean {
    return this.lines.length >= LINES_PER_GROUP;
  }

  get over(): boolean {
    return this.decided;
  }

  /** Resolves when the group is committed or has expired. */
  async ended(): Promise<void> {
    await this.fate;
  }

  committed(refused: readonly IntentLine[]): void {
    for (const line of refused) this.refused.add(callOf(line));
    this.decided = true;
    this.decide('committed');
  }

  expire(): void {
    this.decided = true;
    this.decide('expired');
  }

  /** @throws GatewayError `accounting_unavailable` when the call's lines are not committed and will not be */
  async durable(call: CallId): Promise<void> {
    if ((await this.fate) === 'expired' || this.refused.has(call)) throw unrecorded();
  }
}
