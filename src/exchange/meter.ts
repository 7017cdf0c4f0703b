import { ERRORS, terminalOf, usageOf } from '../core/index.js';
import type { EventBatch, GatewayError, ResponseEvent, TerminalKind, TokenUsage } from '../core/index.js';
import type { AttemptResult, CallOutcome } from '../accounting/index.js';
import type { AccountSnapshot } from '../upstream/index.js';

/** Everything the ledger will say about how a call went. */
export interface Reading {
  readonly outcome: CallOutcome;
  readonly error?: { readonly code: string; readonly blame: string };
  /** The status that the client saw; absent when it left before there was one. */
  readonly httpStatus?: number;
  readonly usage?: TokenUsage;
  /** Pieces of text that came through, each about a token, where the upstream never said what it used. */
  readonly streamed?: number;
  readonly actualModel?: string;
  readonly serviceTier?: string;
  readonly attempts: readonly AttemptResult[];
  readonly firstEventAtMs?: number;
}

type Mutable<T> = { -readonly [Field in keyof T]: T[Field] };

/** What a provider's own failure is called in the ledger when it gave no usable code. */
const UNNAMED_FAILURE = { code: 'upstream_terminal_failure', blame: 'upstream' } as const;
const ABANDONED = { code: 'client_disconnected', blame: 'client' } as const;

const outcomeOf = (failure: string | undefined): AttemptResult['outcome'] => {
  if (failure === undefined) return 'succeeded';
  return failure === ABANDONED.code ? 'cancelled' : 'failed';
};

type Maybe<T> = { readonly [Field in keyof T]: T[Field] | undefined };

/** Absent fields are left out: what is unknown must not look like a value. */
const present = (reading: Maybe<Required<Reading>>): Reading =>
  Object.fromEntries(Object.entries(reading).filter(([, value]) => value !== undefined)) as unknown as Reading;

/** What one routed call turned out to be: its attempts, its terminal event, its usage. The clock comes in. */
export class Meter {
  private readonly attempts: Mutable<AttemptResult>[] = [];
  private readonly errors: GatewayError[] = [];
  private firstEventAtMs: number | undefined;
  private terminal: TerminalKind | undefined;
  /** Of an answer that is no response but says what it cost: a picture's. */
  private reportedUsage: unknown;
  private pieces = 0;
  private error: GatewayError | undefined;
  private status: number | undefined;
  private complete = false;

  /** The number that the next attempt will have, from 1. */
  get nextAttempt(): number {
    return this.attempts.length + 1;
  }

  /** @returns the attempt's number */
  attempt(account: Pick<AccountSnapshot, 'id' | 'label' | 'metered'>, nowMs: number): number {
    const number = this.nextAttempt;
    this.attempts.push({
      number,
      accountId: account.id,
      accountLabel: account.label,
      ...(account.metered ? { metered: true } : {}),
      outcome: 'cancelled',
      startedAtMs: nowMs,
      completedAtMs: nowMs,
    });
    return number;
  }

  attemptFailed(error: GatewayError, nowMs: number): void {
    this.errors.push(error);
    this.closeAttempt(error.code === 'client_disconnected' ? 'cancelled' : 'failed', nowMs, error);
  }

  answered(status: number): void {
    this.status = status;
  }

  /** Note what a batch says, and cut it off after the first terminal event: the last thing a client may see. */
  observe(batch: EventBatch, nowMs: number): EventBatch {
    this.firstEventAtMs ??= nowMs;
    for (const { type } of batch.events) if (type.endsWith('.delta')) this.pieces += 1;
    const last = batch.events.findIndex((event) => (this.terminal ??= terminalOf(event)) !== undefined);
    if (last < 0) this.reportedUsage ??= batch.events.map(usageIn).find((usage) => usage !== undefined);
    if (last < 0 || last === batch.events.length - 1) return batch;
    const events = batch.events.slice(0, last + 1);
    return { events, raw: Buffer.concat(events.map((event) => event.raw)) };
  }

  /** Whether the terminal event was seen. */
  get ended(): boolean {
    return this.terminal !== undefined;
  }

  /** Whether the client was given the beginning of an answer. */
  get answering(): boolean {
    return this.status !== undefined;
  }

  completed(): void {
    this.complete = true;
  }

  /** @returns the error that goes to the client */
  fail(error: GatewayError): GatewayError {
    this.error = error;
    return error;
  }

  /** Of the accounts that were found out of quota on the way: when they are back, as far as they said. */
  get quotaResets(): readonly (number | undefined)[] {
    return this.errors.flatMap((error) => (error.code === 'upstream_quota_exhausted' ? [error.detail.resetsAtMs] : []));
  }

  reading(nowMs: number): Reading {
    const failure = this.failure();
    const outcome = outcomeOf(failure?.code);
    const usage = usageOf(this.terminal ? this.terminal.usage : this.reportedUsage);
    if (this.status !== undefined) this.closeAttempt(outcome, nowMs, this.error);
    return present({
      outcome: failure?.blame === 'limits' ? 'rejected' : outcome,
      error: failure,
      httpStatus: this.status ?? toldStatus(this.error),
      usage,
      streamed: usage === undefined && this.pieces > 0 ? this.pieces : undefined,
      actualModel: this.terminal?.model,
      serviceTier: this.terminal?.serviceTier,
      attempts: this.attempts,
      firstEventAtMs: this.firstEventAtMs,
    });
  }

  /** A terminal event wins over whatever happened after it: the client had its answer. */
  private failure(): { readonly code: string; readonly blame: string } | undefined {
    if (this.terminal) {
      const { outcome, errorCode } = this.terminal;
      return outcome === 'failed' ? { ...UNNAMED_FAILURE, ...(errorCode ? { code: errorCode } : {}) } : undefined;
    }
    if (this.error) return { code: this.error.code, blame: ERRORS[this.error.code].blame };
    return this.complete ? undefined : ABANDONED;
  }

  private closeAttempt(outcome: AttemptResult['outcome'], nowMs: number, error: GatewayError | undefined): void {
    const attempt = this.attempts.at(-1);
    if (!attempt) return;
    attempt.outcome = outcome;
    attempt.completedAtMs = nowMs;
    if (this.firstEventAtMs !== undefined) attempt.firstEventAtMs = this.firstEventAtMs;
    const upstreamStatus = outcome === 'succeeded' ? this.status : error?.detail.upstreamStatus;
    if (upstreamStatus !== undefined) attempt.upstreamStatus = upstreamStatus;
    if (outcome !== 'succeeded' && error) attempt.errorCode = error.detail.upstreamCode ?? error.code;
  }
}

/** The status that the client is told of an error. */
const toldStatus = (error: GatewayError | undefined): number | undefined =>
  error?.detail.relay?.status ?? error?.status;

/** Only a whole JSON answer has no type, so that no event is parsed for this. */
function usageIn(event: ResponseEvent): unknown {
  const answer = event.type === '' ? event.json() : undefined;
  return typeof answer === 'object' && answer !== null && 'usage' in answer ? answer.usage : undefined;
}
