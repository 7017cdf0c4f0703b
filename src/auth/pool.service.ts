import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { EvidencePolicy, PoolId, RoutingStrategy } from '../core/index.js';
import { KeyBroadcast } from './key-broadcast.service.js';
import { EVERY_KEY } from './key-record.js';
import { Pool, type PoolStatus } from './pool.entity.js';

/** What an operator may say of a Pool. What is absent stays as it is, or takes its default in a new Pool. */
export interface PoolSettings {
  readonly name?: string;
  readonly status?: PoolStatus;
  readonly v1Enabled?: boolean;
  readonly imageGenerationEnabled?: boolean;
  /** `null` takes it away. */
  readonly defaultModel?: string | null;
  readonly allowUnlistedModels?: boolean;
  readonly reportCapacity?: boolean;
  readonly storedResponses?: boolean;
  readonly maxStoredItems?: number;
  readonly storedTtlSeconds?: number;
  /** `null` takes it away. */
  readonly defaultInstructions?: string | null;
  readonly anthropicModels?: [string, string][];
  readonly droppedParams?: string[];
  readonly routingStrategy?: RoutingStrategy;
  readonly evidencePolicy?: EvidencePolicy;
  /** `null` takes the limit away; so for `maxConcurrent`. */
  readonly ringSize?: number | null;
  readonly cacheLocality?: boolean;
  readonly sessionMoves?: boolean;
  readonly maxConcurrent?: number | null;
}

const SETTINGS = [
  'name',
  'status',
  'v1Enabled',
  'imageGenerationEnabled',
  'defaultModel',
  'allowUnlistedModels',
  'reportCapacity',
  'storedResponses',
  'maxStoredItems',
  'storedTtlSeconds',
  'defaultInstructions',
  'anthropicModels',
  'droppedParams',
  'routingStrategy',
  'evidencePolicy',
  'ringSize',
  'cacheLocality',
  'sessionMoves',
  'maxConcurrent',
] as const satisfies readonly (keyof PoolSettings)[];

/** Pools, as operators make and change them. */
@Injectable()
export class PoolService {
  constructor(
    @InjectRepository(Pool) private readonly pools: Repository<Pool>,
    private readonly broadcast: KeyBroadcast,
  ) {}

  /**
   * The Pool of this slug, made if it is not there, with these settings. Safe to call again, and by several at once.
   *
   * @param slug 1–63 lower-case letters, digits and inner dashes
   */
  async createPool(slug: string, settings: PoolSettings = {}): Promise<Pool> {
    if (!(await this.inserted(slug, settings)) && Object.keys(given(settings)).length > 0) {
      await this.pools.update({ slug }, given(settings));
      await this.broadcast.send(EVERY_KEY);
    }
    return this.pools.findOneByOrFail({ slug });
  }

  /**
   * A new Pool, by one of several at once.
   *
   * @returns `null` when there is one of this slug already, which stays as it is
   */
  async addPool(slug: string, settings: PoolSettings = {}): Promise<Pool | null> {
    return (await this.inserted(slug, settings)) ? this.pools.findOneByOrFail({ slug }) : null;
  }

  /**
   * Say something of a Pool that is there; every process goes by it within a second.
   *
   * @returns `null` when it is not there
   */
  async changePool(id: PoolId, settings: PoolSettings): Promise<Pool | null> {
    const before = await this.pools.findOneBy({ id });
    if (!before || isSo(before, settings)) return before;
    await this.pools.update({ id }, given(settings));
    await this.broadcast.send(EVERY_KEY);
    return this.pools.findOneBy({ id });
  }

  findPool(slug: string): Promise<Pool | null> {
    return this.pools.findOneBy({ slug });
  }

  listPools(): Promise<Pool[]> {
    return this.pools.find({ order: { slug: 'ASC' } });
  }

  /** @returns false when there is a Pool of this slug already */
  private async inserted(slug: string, settings: PoolSettings): Promise<boolean> {
    const fresh = { id: randomUUID() as PoolId, slug, name: slug, ...given(settings) };
    const inserted = await this.pools.createQueryBuilder().insert().values(fresh).orIgnore().returning('id').execute();
    return (inserted.raw as unknown[]).length > 0;
  }
}

/** Only what is said. */
const given = (settings: PoolSettings): PoolSettings =>
  Object.fromEntries(SETTINGS.filter((name) => settings[name] !== undefined).map((name) => [name, settings[name]]));

const isSo = (pool: Pool, settings: PoolSettings): boolean =>
  SETTINGS.every(
    (name) => settings[name] === undefined || JSON.stringify(settings[name]) === JSON.stringify(pool[name]),
  );
