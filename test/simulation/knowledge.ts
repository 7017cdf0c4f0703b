import type { AccountId, QuotaReport } from '../../src/core/index.js';
import type { Circuit } from '../../src/upstream/health/circuit.js';
import { CLOSED } from '../../src/upstream/health/circuit.js';
import type { Cooldown } from '../../src/upstream/health/cooldowns.service.js';
import { isLane, WHOLE_ACCOUNT, type LaneKey } from '../../src/upstream/health/lane-key.js';
import type { Findings } from '../../src/upstream/health/permit.js';
import { laneOf, type StoredLane } from '../../src/upstream/health/stored-lane.js';
import { transition, type LifecycleEvent } from '../../src/upstream/lifecycle/account-transitions.js';
import type { AccountSnapshot } from '../../src/upstream/index.js';
import { anAccount } from '../support/account-snapshots.js';
import type { Subject } from './subject.js';

/** A replica looks again after this. */
const FRESH_MS = 1_000;
const WORTH_WRITING_MS = 1_000;
const QUOTA = 'upstream_quota_exhausted';

/** What the database has of an account. Never changed, always replaced: whoever has read it has what it was. */
export interface Row {
  readonly account: AccountSnapshot;
  readonly isDeleted: boolean;
  readonly cooling?: Cooldown;
  readonly lanes: readonly StoredLane[];
}

/** What all replicas know together. */
export class Knowledge {
  private rows: readonly Row[] = [];
  private version = 0;

  constructor(private readonly subject: Subject) {}

  get all(): readonly Row[] {
    return this.rows;
  }

  add(account: AccountSnapshot): void {
    this.rows = [...this.rows, { account, isDeleted: false, lanes: [] }];
  }

  of(id: AccountId): Row {
    const row = this.rows.find(({ account }) => account.id === id);
    if (row === undefined) throw new Error('No such account.');
    return row;
  }

  change(id: AccountId, over: Partial<Row>): void {
    this.replace(id, { ...this.of(id), ...over });
  }

  /** @returns whether it had an effect */
  lifecycle(id: AccountId, event: LifecycleEvent): boolean {
    const { account, isDeleted } = this.of(id);
    if (isDeleted) return false;
    const next = transition(account.status, event);
    if ('refused' in next) return false;
    if (next.to === 'deleted') this.change(id, { isDeleted: true });
    else this.change(id, { account: { ...account, status: next.to } });
    if (event === 'relink') this.renewed(id);
    return true;
  }

  /** New credentials: what was refused were the old ones. */
  renewed(id: AccountId): void {
    const { account, cooling, ...row } = this.of(id);
    const kept = cooling === undefined || cooling.reason === 'upstream_account_rejected' ? {} : { cooling };
    const renewed = { ...account, credentialEpoch: account.credentialEpoch + 1 };
    this.replace(id, { ...row, account: renewed, ...kept });
  }

  private replace(id: AccountId, row: Row): void {
    const rows = [...this.rows];
    rows[rows.findIndex(({ account }) => account.id === id)] = row;
    this.rows = rows;
  }

  saw(id: AccountId, report: QuotaReport | undefined, credentialEpoch: number, nowMs: number): void {
    if (report === undefined) return;
    const { account } = this.of(id);
    const seen = { report, atMs: nowMs, credentialEpoch };
    const { windows, meters } = this.subject.withReport(account, seen, nowMs);
    this.change(id, { account: { ...account, windows, meters } });
  }

  cool({ id, credentialEpoch }: Pick<AccountSnapshot, 'id' | 'credentialEpoch'>, cooldown: Cooldown): void {
    const { account, cooling } = this.of(id);
    const isBack = cooling?.reason === QUOTA && this.subject.quotaCameBack(account, cooling.sinceMs, cooldown.sinceMs);
    if (cooldown.reason === 'upstream_account_rejected' && account.credentialEpoch !== credentialEpoch) return;
    if (cooling !== undefined && !isBack && cooldown.untilMs - cooling.untilMs < WORTH_WRITING_MS) return;
    this.change(id, { cooling: cooldown });
  }

  circuitOf(id: AccountId, key: LaneKey): Circuit {
    return this.of(id).lanes.find((lane) => isLane(lane, key))?.circuit ?? CLOSED;
  }

  turn(id: AccountId, key: LaneKey, change: (circuit: Circuit) => Circuit): void {
    const before = this.circuitOf(id, key);
    const circuit = change(before);
    if (circuit === before) return;
    const others = this.of(id).lanes.filter((lane) => !isLane(lane, key));
    this.change(id, { lanes: [...others, { ...key, circuit, version: (this.version += 1) }] });
  }
}

/** One process: what it has read, and when it reads again. */
export class Replica {
  private rows: readonly Row[] = [];
  private readUntilMs = 0;
  /** Of its process: another one has another. */
  incarnation = 0;
  private budget: ReturnType<Subject['retryBudget']>;

  constructor(
    readonly index: number,
    private readonly knowledge: Knowledge,
    private readonly subject: Subject,
  ) {
    this.budget = subject.retryBudget();
  }

  get retries(): ReturnType<Subject['retryBudget']> {
    return this.budget;
  }

  /** Dies, and comes back with nothing. */
  restart(): void {
    this.incarnation += 1;
    this.readUntilMs = 0;
    this.budget = this.subject.retryBudget();
  }

  /** It will read again then, if not before. */
  expire(atMs: number): void {
    this.readUntilMs = Math.min(this.readUntilMs, atMs);
  }

  /** The Pool as this process sees it. */
  view(nowMs: number, openOf: (id: AccountId) => number): AccountSnapshot[] {
    if (nowMs >= this.readUntilMs) {
      this.rows = this.knowledge.all;
      this.readUntilMs = nowMs + FRESH_MS;
    }
    const view: AccountSnapshot[] = [];
    for (const row of this.rows) if (!row.isDeleted) view.push(this.seen(row, openOf(row.account.id), nowMs));
    return view;
  }

  /** Only its own lanes that are known to be open cost a question to the database. */
  knowsOpen(id: AccountId, key: LaneKey): boolean {
    const lanes = this.rows.find(({ account }) => account.id === id)?.lanes ?? [];
    return lanes.some((lane) => isLane(lane, key) && lane.circuit.open !== undefined);
  }

  private seen(row: Row, openExchanges: number, nowMs: number): AccountSnapshot {
    const { account, cooling } = row;
    // As it was made: neither.
    if (openExchanges === 0 && cooling === undefined && row.lanes.length === 0) return account;
    const lanes = row.lanes.flatMap((lane) => laneOf(lane, lane.circuit, nowMs) ?? []);
    return { ...account, ...this.coolingOf(row, nowMs), lanes, openExchanges };
  }

  private coolingOf({ account, cooling }: Row, nowMs: number): Partial<AccountSnapshot> {
    if (cooling === undefined) return {};
    const { sinceMs, untilMs, reason } = cooling;
    if (untilMs > nowMs && reason === QUOTA && this.subject.quotaCameBack(account, sinceMs, nowMs)) return {};
    return { coolingUntilMs: untilMs, coolingReason: reason, coolingSinceMs: sinceMs };
  }
}

/** Where the judgements of a replica's calls go. @param told hears of every account about which something changed */
export function findings(knowledge: Knowledge, subject: Subject, told: (id: AccountId) => void): Findings {
  const { circuit } = subject;
  const turn = (id: AccountId, key: LaneKey, change: (circuit: Circuit) => Circuit): void => {
    knowledge.turn(id, key, change);
    told(id);
  };
  return {
    cooldowns: {
      mark: (account, cooldown) => {
        knowledge.cool(account, cooldown);
        told(account.id);
      },
    },
    circuits: {
      failed: (id, key, call, reason, nowMs) => turn(id, key, (one) => circuit.failed(one, call, reason, nowMs)),
      openedAtOnce: (id, key, call, reason, nowMs) =>
        turn(id, key, (one) => circuit.openedAtOnce(one, call, reason, nowMs)),
      succeeded: (id, key, call) => turn(id, key, (one) => circuit.succeeded(one, call)),
      neutral: (id, key, call) => turn(id, key, (one) => circuit.neutral(one, call)),
      burst: (id, call, reason, askedMs, nowMs) => {
        const before = knowledge.circuitOf(id, WHOLE_ACCOUNT);
        const burst = subject.burstAfter(before, id, askedMs, call, nowMs);
        if (burst === undefined || burst.untilMs - (before.open?.untilMs ?? 0) < WORTH_WRITING_MS) return undefined;
        turn(id, WHOLE_ACCOUNT, (one) => circuit.shut(one, burst.count, reason, burst.untilMs, nowMs));
        return burst.untilMs;
      },
    },
    pulses: {
      heard: () => undefined,
      failed: () => undefined,
      succeeded: (id, nowMs) => {
        const { account } = knowledge.of(id);
        knowledge.change(id, { account: { ...account, pulse: { ...account.pulse, lastSuccessAtMs: nowMs } } });
      },
    },
  };
}

export const newAccount = (index: number, maxConcurrent: number, models: ReadonlySet<string>): AccountSnapshot =>
  anAccount(`account-${index}`, { maxConcurrent, models, priority: index % 3, createdAtMs: index });
