import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { CatalogEntry, PoolId } from '../core/index.js';
import { AccountChanges } from './account-changes.service.js';
import { catalogEtag } from './catalog-entry.js';
import { mergedCatalog } from './merged-catalog.js';
import { Recent } from './recent.js';

/** The models that a Pool offers. */
export interface PoolCatalog {
  /** Sorted by slug, each readable for every Codex CLI generation. */
  readonly entries: readonly CatalogEntry[];
  /** Weak entity tag of `{"models":[…]}` over these entries. */
  readonly etag: string;
}

interface Row {
  readonly plan: string | null;
  readonly entries: readonly CatalogEntry[];
}

const FRESH_MS = 5_000;
/** An old list is better than none. */
const STALE_MS = 24 * 3_600_000;

const SELECT = `
  SELECT a.plan, json_agg(json_build_object('slug', m.slug, 'entry', m.entry) ORDER BY m.position, m.slug) AS entries
    FROM pool_account p
    JOIN upstream_account a ON a.id = p.account_id
    JOIN account_model m ON m.account_id = a.id
   WHERE p.pool_id = $1 AND p.status = 'active' AND a.status = 'active'
   GROUP BY a.id
   ORDER BY a.created_at, a.id`;

/** What the accounts of a Pool can serve, as their upstreams last described it. Makes no upstream call. */
@Injectable()
export class CatalogService {
  private readonly recent = new Recent((poolId: PoolId) => this.load(poolId), { freshMs: FRESH_MS, staleMs: STALE_MS });

  constructor(
    private readonly dataSource: DataSource,
    changes: AccountChanges,
  ) {
    changes.listen(() => this.recent.expire());
  }

  /** At most 5 s old while the database answers. */
  models(poolId: PoolId): Promise<PoolCatalog> {
    return this.recent.get(poolId, Date.now());
  }

  private async load(poolId: PoolId): Promise<PoolCatalog> {
    const entries = mergedCatalog(await this.dataSource.query<Row[]>(SELECT, [poolId]));
    return { entries, etag: catalogEtag(entries) };
  }
}
