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
    const given = Object.fromEntries(
      SETTINGS.filter((name) => settings[name] !== undefined).map((name) => [name, settings[name]]),
    );
    const fresh = { id: randomUUID() as PoolId, slug, name: slug, ...given };
    const inserted = await this.pools.createQueryBuilder().insert().values(fresh).orIgnore().returning('id').execute();
    if ((inserted.raw as unknown[]).length === 0 && Object.keys(given).length > 0) {
      await this.pools.update({ slug }, given);
      await this.broadcast.send(EVERY_KEY);
    }
    return this.pools.findOneByOrFail({ slug });
  }

  findPool(slug: string): Promise<Pool | null> {
    return this.pools.findOneBy({ slug });
  }

  listPools(): Promise<Pool[]> {
    return this.pools.find({ order: { slug: 'ASC' } });
  }
}
