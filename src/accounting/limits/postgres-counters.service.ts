import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { CounterTable } from '../../platform/shared-state/index.js';
import { within } from '../../platform/database/index.js';
import type { HeldCall, LimitCounters, Verdict } from './limit-counters.js';
import { LimitEpochRepository, type Epoch } from './limit-epoch.repository.js';
import type { LimitScope } from './limit-scope.js';
import { DELETE_RESERVATIONS, INSERT_RESERVATIONS, LOCK_COUNTERS } from './limit-sql.js';
import { LimitTruthRepository } from './limit-truth.repository.js';
import { LIMIT_PATIENCE_MS, RESERVATION_LEASE_MS } from './timing.js';

/** Calls that are counted in one transaction. */
const CALLS_AT_ONCE = 200;
/** More than this many waiting means that Postgres is away or cannot keep up: further calls are refused. */
const MAX_WAITING = 5_000;
const NONCE = 'read';

/** The calls are to be counted in Redis again. */
export interface Moved {
  readonly result: 'moved';
  readonly epoch: Epoch;
}

interface Waiting {
  readonly call: HeldCall;
  readonly scopes: readonly LimitScope[];
  readonly insists: boolean;
  readonly answer: (verdict: Verdict | Moved) => void;
  readonly fail: (thrown: unknown) => void;
}

/**
 * Counts in Postgres while Redis is away: one transaction at a time for all calls of this process that wait, which locks
 * their counters, reads what they hold and writes the reservations of those who may come in. It is as exact, and slower.
 */
@Injectable()
export class PostgresCounters implements LimitCounters {
  private readonly waiting: Waiting[] = [];
  private running = false;

  constructor(
    private readonly database: DataSource,
    private readonly truth: LimitTruthRepository,
    private readonly epochs: LimitEpochRepository,
  ) {}

  async hold(call: HeldCall, scopes: readonly LimitScope[]): Promise<Verdict> {
    const verdict = await this.holdUnlessMoved(call, scopes, true);
    if (verdict.result === 'moved') throw new Error('Postgres counts for those who insist.');
    return verdict;
  }

  /**
   * @param insists whether the caller has no other choice
   * @throws what Postgres throws, or an error when it takes too long
   */
  holdUnlessMoved(call: HeldCall, scopes: readonly LimitScope[], insists: boolean): Promise<Verdict | Moved> {
    if (this.waiting.length >= MAX_WAITING) return Promise.reject(new Error('Too many calls wait to be counted.'));
    return new Promise((answer, fail) => {
      this.waiting.push({ call, scopes, insists, answer, fail });
      if (this.running) return;
      this.running = true;
      setImmediate(() => void this.run());
    });
  }

  /** Takes the rows of calls away that were never sent. */
  async forget(ids: readonly string[]): Promise<void> {
    await this.database.query(DELETE_RESERVATIONS, [ids]);
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, CALLS_AT_ONCE);
      try {
        const verdicts = await within(LIMIT_PATIENCE_MS, this.count(batch));
        batch.forEach(({ answer }, at) => answer(verdicts[at] ?? failed()));
      } catch (error) {
        for (const { fail } of batch) fail(error);
      }
    }
    this.running = false;
  }

  private async count(batch: readonly Waiting[]): Promise<(Verdict | Moved)[]> {
    const insists = batch.some((each) => each.insists);
    for (;;) {
      const before = await this.epochs.read();
      if (before.store === 'redis' && !insists) return batch.map(() => ({ result: 'moved', epoch: before }));
      const verdicts = await this.database.transaction(async (manager) => {
        // Who changes it must not have read it in the same transaction: two who did would wait for each other.
        if (before.store === 'redis') await this.epochs.enterPostgres(manager);
        else if ((await this.epochs.readIn(manager)).store === 'redis') return undefined;
        if (insists) await this.epochs.insist(manager);
        return this.countIn(manager, batch);
      });
      if (verdicts !== undefined) return verdicts;
    }
  }

  private async countIn(manager: EntityManager, batch: readonly Waiting[]): Promise<Verdict[]> {
    const scopes = new Map(batch.flatMap((each) => each.scopes.map((scope) => [scope.counter.key, scope] as const)));
    await manager.query(LOCK_COUNTERS, [lockNumbers([...scopes.keys()])]);
    const table = new CounterTable();
    for (const { limit, counter } of scopes.values()) {
      const cold = { key: counter.key, nonce: NONCE };
      table.hold(NOBODY, [counter], RESERVATION_LEASE_MS, NONCE, 0);
      table.fill(cold, await this.truth.of(limit, Date.now(), [], manager), 0);
    }
    const verdicts = batch.map(({ call: { hold }, scopes: wanted }) =>
      known(
        table.hold(
          hold,
          wanted.map(({ counter }) => counter),
          RESERVATION_LEASE_MS,
          NONCE,
          0,
        ),
      ),
    );
    const letIn = batch.filter((_, at) => verdicts[at]?.result === 'held').map(({ call }) => call.record);
    const refused = batch.filter((_, at) => verdicts[at]?.result === 'full').map(({ call }) => call.record.call_id);
    if (letIn.length > 0) await manager.query(INSERT_RESERVATIONS, [JSON.stringify(letIn)]);
    if (refused.length > 0) await manager.query(DELETE_RESERVATIONS, [refused]);
    return verdicts;
  }
}

const NOBODY = { id: '', day: 0, tokens: 0, nanoUsd: 0 };

const failed = (): never => {
  throw new Error('A call was not counted.');
};

function known(answer: ReturnType<CounterTable['hold']>): Verdict {
  if (answer.result === 'cold') throw new Error('A counter was not read.');
  return answer;
}

/** The same for everybody, and in the same order. */
const lockNumbers = (keys: readonly string[]): string[] =>
  keys
    .map((key) => createHash('sha256').update(`limit ${key}`).digest().readBigInt64BE(0))
    .sort((a, b) => (a < b ? -1 : Number(a > b)))
    .map(String);
