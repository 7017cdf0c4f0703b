import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { KeyId, PoolId } from '../core/index.js';

/** How the calls of a key ended that came since a moment. */
export interface RecentOutcomes {
  readonly poolId: PoolId;
  readonly keyId: KeyId;
  readonly succeeded: number;
  readonly failed: number;
  /** Given to no account. */
  readonly rejected: number;
}

const SELECT = `
  SELECT pool_id AS "poolId", key_id AS "keyId", count(*) FILTER (WHERE status = 'succeeded')::float8 AS succeeded,
         count(*) FILTER (WHERE status = 'failed')::float8 AS failed,
         count(*) FILTER (WHERE status = 'rejected')::float8 AS rejected
    FROM request
   WHERE received_at >= to_timestamp($1::float8 / 1000) AND status IN ('succeeded', 'failed', 'rejected')
   GROUP BY 1, 2`;

/** How calls have been ending lately: the rollups know it by the hour only. */
@Injectable()
export class RecentOutcomesService {
  constructor(private readonly database: DataSource) {}

  /** By key, those without a call that is over left out. @param sinceMs Unix time in milliseconds */
  since(sinceMs: number): Promise<RecentOutcomes[]> {
    return this.database.query<RecentOutcomes[]>(SELECT, [sinceMs]);
  }
}
