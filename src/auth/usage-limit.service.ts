import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, Repository, type FindOptionsWhere } from 'typeorm';
import type { UsageLimit } from '../core/index.js';
import { KeyBroadcast } from './key-broadcast.service.js';
import { EVERY_KEY } from './key-record.js';
import { UsageLimitRow } from './usage-limit.entity.js';
import {
  LIMIT_COLUMNS,
  limitColumns,
  limitModel,
  usageLimitOf,
  type LimitOwner,
  type LimitValues,
} from './usage-limit.js';

/** What keys and Pools may use, as operators set it. Every process goes by a change within a second. */
@Injectable()
export class UsageLimitService {
  constructor(
    @InjectRepository(UsageLimitRow) private readonly rows: Repository<UsageLimitRow>,
    private readonly broadcast: KeyBroadcast,
  ) {}

  /**
   * Set what is said; a limit of which nothing is left is gone. Safe to call again, and by several at once.
   *
   * @param model the models that it counts and limits, as a pattern with `*`; absent: all of them
   * @throws KeyRefused for what is no limit
   */
  async setLimit(owner: LimitOwner, values: LimitValues, model?: string): Promise<void> {
    const wanted = limitColumns(values);
    const pattern = limitModel(model);
    if (wanted.length === 0 || (await this.isSo(owner, pattern, wanted))) return;
    const [column, id] = columnOf(owner);
    const names = wanted.map(([name]) => name);
    const given = wanted.map(([, value]) => value);
    await this.rows.query(
      `INSERT INTO usage_limit (id, ${column}, model, ${names.join(', ')})
       VALUES ($1, $2, $3, ${names.map((_, at) => `$${at + 4}`).join(', ')})
       ON CONFLICT (${column}, model) WHERE ${column} IS NOT NULL
       DO UPDATE SET ${names.map((name) => `${name} = excluded.${name}`).join(', ')}`,
      [randomUUID(), id, pattern, ...given],
    );
    await this.rows.query(
      `DELETE FROM usage_limit WHERE ${column} = $1 AND num_nonnulls(${LIMIT_COLUMNS.join(', ')}) = 0`,
      [id],
    );
    await this.changed(owner);
  }

  /** @returns false when there was no such limit */
  async removeLimit(owner: LimitOwner, model?: string): Promise<boolean> {
    const pattern = limitModel(model);
    const { affected } = await this.rows.delete({ ...whereOf(owner), model: pattern ?? IsNull() });
    if (!affected) return false;
    await this.changed(owner);
    return true;
  }

  /** What was set for all models first. */
  async limitsOf(owner: LimitOwner): Promise<UsageLimit[]> {
    return (await this.rowsOf(owner)).map(usageLimitOf);
  }

  /** Of all keys and Pools. */
  async usageLimits(): Promise<UsageLimit[]> {
    return (await this.rows.find()).map(usageLimitOf);
  }

  private rowsOf(owner: LimitOwner): Promise<UsageLimitRow[]> {
    return this.rows.find({ where: whereOf(owner), order: { model: { direction: 'ASC', nulls: 'FIRST' } } });
  }

  private async isSo(
    owner: LimitOwner,
    pattern: string | null,
    wanted: readonly (readonly [string, number | null])[],
  ): Promise<boolean> {
    const [column, id] = columnOf(owner);
    const [found = {}] = await this.rows.query<Record<string, string | number | null>[]>(
      `SELECT ${LIMIT_COLUMNS.join(', ')} FROM usage_limit WHERE ${column} = $1 AND model IS NOT DISTINCT FROM $2`,
      [id, pattern],
    );
    return wanted.every(([name, value]) => {
      const kept = found[name] ?? null;
      return value === null ? kept === null : kept !== null && Number(kept) === value;
    });
  }

  private changed({ keyId }: LimitOwner): Promise<void> {
    return this.broadcast.send(keyId ?? EVERY_KEY);
  }
}

const columnOf = ({ keyId, poolId }: LimitOwner): readonly [column: string, id: string] =>
  keyId === undefined ? ['pool_id', poolId] : ['key_id', keyId];

const whereOf = ({ keyId, poolId }: LimitOwner): FindOptionsWhere<UsageLimitRow> =>
  keyId === undefined ? { poolId } : { keyId };
