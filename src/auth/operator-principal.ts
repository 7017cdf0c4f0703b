import type { OperatorScope, PoolId, TokenId } from '../core/index.js';
import type { OperatorTokenKind } from './operator-token.entity.js';

/** Who shows an operator's token. */
export interface OperatorPrincipal {
  readonly tokenId: TokenId;
  readonly kind: OperatorTokenKind;
  /** Operator's name for the token; metadata, may be logged. */
  readonly label: string;
  readonly scopes: ReadonlySet<OperatorScope>;
  /** The only Pools that it sees and changes; absent: all, and what belongs to none. */
  readonly poolIds?: ReadonlySet<PoolId>;
}

/** What is known of a token whose secret was right. */
export interface OperatorTokenRecord {
  readonly principal: OperatorPrincipal;
  readonly isRevoked: boolean;
  readonly isDisabled: boolean;
  /** Unix time in milliseconds when it, or the secret that was shown, ends; absent: never. */
  readonly untilMs?: number;
}

/** Broadcast when what is held of operators' tokens is out of date: the id of one, or `*`. */
export const TOKEN_CHANNEL = 'operator-token';
