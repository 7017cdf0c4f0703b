import type { AccountId, Operation, RouteClass } from '../core/index.js';
import type { AccountMeter } from './quota/account-meter.js';
import type { ObservedWindow } from './quota/observed-window.js';

/** Why one kind of work of an account is not tried now: its circuit. */
export interface Lane {
  /** Lower-case, and in the account's catalog; `''`: all that are not, and none; `*`: whatever the account is asked for. */
  readonly model: string;
  /** `*` with the model `*`. */
  readonly routeClass: RouteClass | '*';
  /** `open`: nothing is sent. `half_open`: one call at a time may try it. */
  readonly state: 'open' | 'half_open';
  /** When it was opened: Unix time in milliseconds. */
  readonly sinceMs?: number;
  /** When an open lane becomes half open: Unix time in milliseconds. */
  readonly untilMs: number;
  /** The error code that opened it. */
  readonly reason: string;
  /** A call is trying it now. */
  readonly probing: boolean;
}

/** How an account has been doing lately. A hint: no call is refused for it. */
export interface Pulse {
  /** Mean time to the first event of recent answers, in milliseconds; absent: none lately. */
  readonly ttftMs?: number;
  /** Of recent calls those that failed by the account's or its upstream's doing: 0–1, fading with time. */
  readonly failureShare: number;
  /** Unix time in milliseconds; absent: never. */
  readonly lastSuccessAtMs?: number;
}

/** One account of a Pool at a moment: all that a choice among accounts may look at. Holds no secret. */
export interface AccountSnapshot {
  readonly id: AccountId;
  /** Operator's name for it; metadata, may be logged. */
  readonly label: string;
  readonly kind: string;
  /**
   * `paused` holds for an account paused here or in this Pool. `draining` serves what it has begun, and nothing new.
   * `login_required` serves nothing until somebody logs in anew.
   */
  readonly status: 'active' | 'paused' | 'draining' | 'login_required';
  /** Its tier in this Pool: 0 first. Counts under the strategy `priority` only. */
  readonly priority: number;
  readonly credentialEpoch: number;
  /** Unix time in milliseconds; absent when the token does not say. */
  readonly accessTokenExpiresAtMs?: number;
  /** Lower-case slugs; `undefined` while the account's catalog has never been read. */
  readonly models: ReadonlySet<string> | undefined;
  /** What its kind of upstream can do; absent: everything. */
  readonly operations?: ReadonlySet<Operation>;
  /** Its calls are paid for one by one. */
  readonly metered?: true;
  readonly windows: readonly ObservedWindow[];
  /** What its upstream says of each meter beside its windows. */
  readonly meters: readonly AccountMeter[];
  /** Unix time in milliseconds; 0 when it is not cooling down. */
  readonly coolingUntilMs: number;
  /** The error code that sent it there. */
  readonly coolingReason?: string;
  /** When that happened: Unix time in milliseconds. */
  readonly coolingSinceMs?: number;
  /** Circuits that are not closed. */
  readonly lanes: readonly Lane[];
  readonly pulse: Pulse;
  /** Calls that it is serving now, in all processes as far as they can be counted. */
  readonly openExchanges: number;
  /** How many it may serve at once. */
  readonly maxConcurrent: number;
  /** Unix time in milliseconds: the order in which accounts came. */
  readonly createdAtMs: number;
}
