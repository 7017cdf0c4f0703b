import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { PoolId } from '../core/index.js';
import { IncidentDelivery } from './incident-delivery.entity.js';
import { Incident, type IncidentState } from './incident.entity.js';

export interface IncidentFilter {
  /** Absent: those that are not resolved. */
  readonly states?: readonly IncidentState[];
  /** Only what concerns one of these Pools; absent: everything. */
  readonly poolIds?: readonly PoolId[];
  readonly ruleKind?: string;
  readonly ruleId?: string;
  readonly limit?: number;
  /** The last one of the page before. */
  readonly after?: Pick<Incident, 'id' | 'firstSeenAt'>;
}

export interface IncidentWithDeliveries {
  readonly incident: Incident;
  readonly deliveries: readonly (IncidentDelivery & { readonly webhook: string })[];
}

/** `changed` is false when it had been acknowledged, or was over, already. */
export interface Acknowledged {
  readonly incident: Incident;
  readonly changed: boolean;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MOST = 500;

/** Incidents, for who shows or acknowledges them. */
@Injectable()
export class Incidents {
  constructor(
    @InjectRepository(Incident) private readonly rows: Repository<Incident>,
    @InjectRepository(IncidentDelivery) private readonly deliveries: Repository<IncidentDelivery>,
  ) {}

  /** The newest first. Those stay where they are in the order however often they are found again. */
  async list(filter: IncidentFilter = {}): Promise<Incident[]> {
    const { states = ['open', 'acknowledged'], poolIds, ruleKind, ruleId, limit = 100, after } = filter;
    const query = this.rows
      .createQueryBuilder('i')
      .where('i.state = ANY (:states)', { states })
      .orderBy('i.first_seen_at', 'DESC')
      .addOrderBy('i.id', 'DESC')
      .limit(Math.min(limit, MOST));
    if (poolIds) query.andWhere('i.pool_ids && CAST(:poolIds AS uuid[])', { poolIds });
    if (ruleKind !== undefined) query.andWhere('i.rule_kind = :ruleKind', { ruleKind });
    if (ruleId !== undefined) query.andWhere('i.rule_id = :ruleId', { ruleId });
    if (after)
      query.andWhere('(i.first_seen_at, i.id) < (:seen, CAST(:id AS uuid))', { seen: after.firstSeenAt, id: after.id });
    return query.getMany();
  }

  /** With what was told of it, and to whom. */
  async get(id: string, poolIds?: readonly PoolId[]): Promise<IncidentWithDeliveries | undefined> {
    const incident = await this.find(id, poolIds);
    if (incident === undefined) return undefined;
    const { entities, raw } = await this.deliveries
      .createQueryBuilder('d')
      .innerJoin('webhook', 'w', 'w.id = d.webhook_id')
      .addSelect('w.name', 'webhook')
      .where('d.incident_id = :id', { id })
      .orderBy('d.created_at')
      .addOrderBy('w.name')
      .getRawAndEntities<{ webhook: string }>();
    return {
      incident,
      deliveries: entities.map((entity, n) => Object.assign(entity, { webhook: raw[n]?.webhook ?? '' })),
    };
  }

  /**
   * Somebody is on it. Acknowledging it again changes nothing.
   *
   * @param by who, as audits name them
   */
  async acknowledge(id: string, by: string, poolIds?: readonly PoolId[]): Promise<Acknowledged | undefined> {
    if ((await this.find(id, poolIds)) === undefined) return undefined;
    const { affected } = await this.rows
      .createQueryBuilder()
      .update()
      .set({ state: 'acknowledged', acknowledgedAt: () => 'now()', acknowledgedBy: by })
      .where(`id = :id AND state = 'open'`, { id })
      .execute();
    const incident = await this.find(id);
    return incident && { incident, changed: Boolean(affected) };
  }

  private async find(id: string, poolIds?: readonly PoolId[]): Promise<Incident | undefined> {
    const found = UUID.test(id) ? await this.rows.findOneBy({ id }) : null;
    const isTheirs = poolIds === undefined || found?.poolIds.some((each) => poolIds.includes(each)) === true;
    return found !== null && isTheirs ? found : undefined;
  }
}
