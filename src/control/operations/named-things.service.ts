import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { KeyAdminService, PoolService, type Pool, type PoolKey } from '../../auth/index.js';
import { sees } from '../actor.js';
import { ControlError } from '../control-error.js';
import type { OperationCall } from '../operation.js';

type Asked = Pick<OperationCall, 'actor'>;

/** As paths name a key. */
export const keyName = z
  .string()
  .regex(/^(sk-cxp-[0-9a-f]{12}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i, 'must be the prefix or the id of a key');

/** Pools and keys by what they are called. What an actor may not see is not there for it. */
@Injectable()
export class NamedThings {
  constructor(
    private readonly pools: PoolService,
    private readonly keys: KeyAdminService,
  ) {}

  /** @throws ControlError `not_found` */
  async pool(slug: string, { actor }: Asked): Promise<Pool> {
    const pool = await this.pools.findPool(slug);
    if (pool === null || !sees(actor, pool.id)) throw new ControlError('not_found', `There is no Pool "${slug}".`);
    return pool;
  }

  /** @param name its id, or its prefix. @throws ControlError `not_found` */
  async key(name: string, { actor }: Asked): Promise<PoolKey> {
    const key = await this.keys.keyNamed(name.toLowerCase());
    if (key === null || !sees(actor, key.poolId)) throw noKey();
    return key;
  }
}

export const noKey = (): ControlError => new ControlError('not_found', 'There is no key of that prefix or id.');
