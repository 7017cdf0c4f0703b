import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AllowedModels, PoolId } from '../core/index.js';
import { AccountChanges } from './account-changes.service.js';
import { mergedCatalog, type AccountCatalog } from './merged-catalog.js';
import { poolCatalog, type PoolCatalog } from './pool-catalog.js';
import { Recent } from './recent.js';

interface Row extends AccountCatalog {
  readonly usable: boolean;
}

const FRESH_MS = 5_000;
/** An old list is better than none. */
const STALE_MS = 24 * 3_600_000;

const SELECT = `
  SELECT a.plan, floor(extract(epoch FROM a.created_at))::float8 AS since,
         (p.status = 'active' AND a.status = 'active') AS usable,
         json_agg(json_build_object('slug', m.slug, 'entry', m.entry) ORDER BY m.position, m.slug) AS entries
    FROM pool_account p
    JOIN upstream_account a ON a.id = p.account_id
    JOIN account_model m ON m.account_id = a.id
   WHERE p.pool_id = $1 AND a.status <> 'deleted'
   GROUP BY a.id, p.status
   ORDER BY a.created_at, a.id`;

/** What the accounts of a Pool can serve, as their upstreams last described it. Makes no upstream call. */
@Injectable()
export class CatalogService {
  private readonly recent = new Recent((poolId: PoolId) => this.load(poolId), { freshMs: FRESH_MS, staleMs: STALE_MS });
  /** What is left of a list for keys that are limited, by what they are limited to; it goes with the list. */
  private readonly limited = new WeakMap<PoolCatalog, Map<string, PoolCatalog>>();

  constructor(
    private readonly dataSource: DataSource,
    changes: AccountChanges,
  ) {
    changes.listen(() => this.recent.expire());
  }

  /**
   * At most 5 s old while the database answers. As long as any account can serve, accounts that cannot have no say; when
   * none can, the list stays what it was.
   *
   * @param allowed what the list is limited to; absent: all
   */
  async models(poolId: PoolId, allowed?: AllowedModels): Promise<PoolCatalog> {
    const whole = await this.recent.get(poolId, Date.now());
    return allowed === undefined ? whole : this.only(whole, allowed);
  }

  private only(whole: PoolCatalog, allowed: AllowedModels): PoolCatalog {
    const parts = this.limited.get(whole) ?? new Map<string, PoolCatalog>();
    this.limited.set(whole, parts);
    const name = allowed.patterns.join('\n');
    const part = parts.get(name) ?? poolCatalog(whole.entries.filter(({ slug }) => allowed.has(slug)));
    parts.set(name, part);
    return part;
  }

  private async load(poolId: PoolId): Promise<PoolCatalog> {
    const rows = await this.dataSource.query<Row[]>(SELECT, [poolId]);
    const usable = rows.filter((row) => row.usable);
    return poolCatalog(mergedCatalog(usable.length > 0 ? usable : rows));
  }
}
