import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { KeyAdminService, PoolService } from '../auth/index.js';
import type { AccountId, KeyId, PoolId } from '../core/index.js';
import { AccountService } from '../upstream/index.js';
import { sees, type Actor } from './actor.js';
import { LedgerNames } from './ledger-names.js';

const name = z.string().min(1).max(200);

/** Of everything that is read from the ledger: whose calls. */
export const LEDGER_FILTER = {
  pool: name.optional().describe('of one Pool only: its slug or id'),
  key: name.optional().describe('of one key only: its label, prefix or id'),
  account: name.optional().describe('of one account only: its label or id'),
};

interface Asked {
  readonly pool?: string | undefined;
  readonly key?: string | undefined;
  readonly account?: string | undefined;
}

/** The same by ids, and within what the actor sees. */
export interface LedgerFilter {
  readonly poolIds?: readonly PoolId[];
  readonly keyId?: KeyId;
  readonly accountId?: AccountId;
}

/** What the ledger's ids are called, and what names mean, as far as an actor has to do with it. */
@Injectable()
export class LedgerFilters {
  constructor(
    private readonly pools: PoolService,
    private readonly keys: KeyAdminService,
    private readonly accounts: AccountService,
  ) {}

  async names(actor: Actor): Promise<LedgerNames> {
    const [pools, keys, accounts] = await Promise.all([
      this.pools.listPools(),
      this.keys.listKeys(),
      this.accounts.list(),
    ]);
    const isServing = (poolIds: readonly PoolId[]): boolean =>
      sees(actor, undefined) || poolIds.some((id) => sees(actor, id));
    return new LedgerNames(
      pools.filter(({ id }) => sees(actor, id)).map(({ id, slug }) => ({ id, label: slug })),
      keys.filter(({ poolId }) => sees(actor, poolId)),
      accounts.filter(({ poolIds }) => isServing(poolIds)),
    );
  }

  /** @throws ControlError `not_found` for names of nothing that the actor sees */
  of({ pool, key, account }: Asked, names: LedgerNames, actor: Actor): LedgerFilter {
    const poolId = pool === undefined ? undefined : names.poolNamed(pool);
    const poolIds = poolId === undefined ? poolsOf(actor) : [poolId].filter((id) => sees(actor, id));
    return {
      ...(poolIds === undefined ? {} : { poolIds }),
      ...(key === undefined ? {} : { keyId: names.keyNamed(key, poolId) }),
      ...(account === undefined ? {} : { accountId: names.accountNamed(account) }),
    };
  }
}

/** Those that an actor is bound to; undefined: all. */
export const poolsOf = ({ poolIds }: Pick<Actor, 'poolIds'>): readonly PoolId[] | undefined => poolIds && [...poolIds];
