import type { OperatorScope, PoolId } from '../core/index.js';

/** Who asks: the holder of a token, somebody with the database at hand, or the gateway itself. */
export interface Actor {
  readonly kind: 'token' | 'local' | 'system';
  readonly id: string;
  readonly label: string;
  readonly scopes: ReadonlySet<OperatorScope>;
  /** The only Pools that it sees and changes; absent: all, and what belongs to none. */
  readonly poolIds?: ReadonlySet<PoolId>;
}

/** Whether an actor has to do with a Pool; with what belongs to no Pool only those have who see all. */
export const sees = ({ poolIds }: Pick<Actor, 'poolIds'>, poolId: PoolId | undefined): boolean =>
  poolIds === undefined || (poolId !== undefined && poolIds.has(poolId));

/** Whoever may write may read what he wrote. `mcp:*` allow nothing here: the MCP endpoint says what they stand for. */
export const allows = (scopes: ReadonlySet<OperatorScope>, needed: OperatorScope): boolean =>
  scopes.has('admin') ||
  scopes.has(needed) ||
  (needed === 'read' && [...scopes].some((scope) => scope.endsWith('s:write')));
