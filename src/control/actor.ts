import type { PoolId } from '../core/index.js';
import type { Scope } from './scope.js';

/** Who asks: the holder of a token, somebody with the database at hand, or the gateway itself. */
export interface Actor {
  readonly kind: 'token' | 'local' | 'system';
  readonly id: string;
  readonly label: string;
  readonly scopes: ReadonlySet<Scope>;
  /** The only Pools that it sees and changes; absent: all, and what belongs to none. */
  readonly poolIds?: ReadonlySet<PoolId>;
}

/** Whether an actor has to do with a Pool; with what belongs to no Pool only those have who see all. */
export const sees = ({ poolIds }: Pick<Actor, 'poolIds'>, poolId: PoolId | undefined): boolean =>
  poolIds === undefined || (poolId !== undefined && poolIds.has(poolId));
