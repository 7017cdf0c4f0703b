import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';

export interface Epoch {
  /** Names the counters in Redis that are believed. It grows with every change. */
  readonly epoch: number;
  /** Who counts now. */
  readonly store: 'redis' | 'postgres';
}

/** Waits for nobody but for those who are changing it. */
const READ = 'SELECT epoch, store FROM read_limit_epoch()';

/** Until nobody reads it, or counts in Postgres, any more; until then nobody may begin to. */
const LOCK = `SELECT pg_advisory_xact_lock(hashtextextended('codex-pooler limit epoch', 0))`;

/** How long Postgres counts after the last process that has no other choice. */
const INSISTED = "clock_timestamp() + interval '3 seconds'";

const ENTER_POSTGRES = `
  UPDATE limit_epoch SET epoch = epoch + 1, store = 'postgres', insisted_until = ${INSISTED} WHERE store = 'redis'`;

const INSIST = `
  UPDATE limit_epoch SET insisted_until = ${INSISTED}
   WHERE insisted_until < clock_timestamp() + interval '2 seconds'`;

const LEAVE_POSTGRES = `
  UPDATE limit_epoch SET epoch = epoch + 1, store = 'redis'
   WHERE store = 'postgres' AND insisted_until < clock_timestamp()`;

const DISTRUST = `UPDATE limit_epoch SET epoch = epoch + 1 WHERE store = 'redis'`;

type Queries = Pick<EntityManager, 'query'>;

/**
 * All processes count in the same place: in Redis, or in Postgres as soon as one of them does not reach Redis. What Redis
 * held before that is never believed again, because counters belong to an epoch, and the epoch changes.
 *
 * Who counts in Redis reads the epoch after the reservation is committed. Who changes it waits for those that read, and
 * counts only afterwards: either the reader sees the change, or the one who changes it sees the reservation.
 */
@Injectable()
export class LimitEpochRepository {
  private next: Promise<Epoch> | undefined;
  private running: Promise<unknown> = Promise.resolve();

  constructor(private readonly database: DataSource) {}

  /** As it is at some time after this call. Those who ask while one read is on its way share the one after it. */
  read(): Promise<Epoch> {
    this.next ??= this.running.then(() => {
      this.next = undefined;
      const reading = this.readIn(this.database);
      this.running = reading.catch(() => undefined);
      return reading;
    });
    return this.next;
  }

  /** In a transaction it stays as it is until the transaction ends. */
  async readIn(queries: Queries): Promise<Epoch> {
    const [epoch] = await queries.query<Epoch[]>(READ);
    if (epoch === undefined) throw new Error('There is no epoch of limits.');
    return epoch;
  }

  /** For one who does not reach Redis: from now on all count in Postgres. Before anything else in the transaction. */
  async enterPostgres(queries: Queries): Promise<Epoch> {
    await queries.query(LOCK);
    await queries.query(ENTER_POSTGRES);
    return this.readIn(queries);
  }

  /** Go on counting in Postgres for a while. */
  async insist(queries: Queries): Promise<void> {
    await queries.query(INSIST);
  }

  /** Back to Redis, unless somebody still insists on Postgres. */
  leavePostgres(): Promise<Epoch> {
    return this.change(LEAVE_POSTGRES);
  }

  /** For one whom Redis failed, and who reaches it again: what it holds now may be old. */
  distrustRedis(): Promise<Epoch> {
    return this.change(DISTRUST);
  }

  private change(sql: string): Promise<Epoch> {
    return this.database.transaction(async (manager) => {
      await manager.query(LOCK);
      await manager.query(sql);
      return this.readIn(manager);
    });
  }
}
