import { MCP_SCOPES, OPERATOR_SCOPES, type OperatorScope, type PoolId } from '../core/index.js';
import { KeyRefused } from './key-refused.js';
import type { OperatorToken, OperatorTokenKind } from './operator-token.entity.js';

/** What may be said of a token. What is absent stays as it is. */
export interface TokenRights {
  /** Absent in a new one: to read. */
  readonly scopes?: readonly string[];
  /** The only Pools that it sees and changes; `null`: all. */
  readonly poolIds?: readonly PoolId[] | null;
  /** `null`: never. */
  readonly expiresAt?: Date | null;
}

type Rights = Pick<OperatorToken, 'scopes' | 'poolIds' | 'expiresAt'>;

const MAX_LABEL_LENGTH = 100;

const NEW: Readonly<Record<OperatorTokenKind, Rights>> = {
  operator: { scopes: ['read'], poolIds: null, expiresAt: null },
  mcp: { scopes: ['mcp:read'], poolIds: null, expiresAt: null },
};

/** @throws KeyRefused for what makes no sense */
export function rightsOf(kind: OperatorTokenKind, wanted: TokenRights, before: Rights = NEW[kind]): Rights {
  const { scopes, poolIds, expiresAt } = wanted;
  if (poolIds?.length === 0) throw new KeyRefused('A token that is bound to Pools is bound to at least one.');
  return {
    scopes: scopes === undefined ? before.scopes : scopesOf(kind, scopes),
    poolIds: poolIds === undefined ? before.poolIds : poolIds && [...new Set(poolIds)].sort(),
    expiresAt: expiresAt === undefined ? before.expiresAt : expiresAt,
  };
}

export const sameRights = (one: Rights, { scopes, poolIds, expiresAt }: Rights): boolean =>
  JSON.stringify(one) === JSON.stringify({ scopes, poolIds, expiresAt });

/** @throws KeyRefused */
export function labelOf(given: string): string {
  const label = given.trim();
  if (label !== '' && label.length <= MAX_LABEL_LENGTH && !/\p{C}/u.test(label)) return label;
  throw new KeyRefused(`A token has a label of at most ${MAX_LABEL_LENGTH} characters that all show.`);
}

function scopesOf(kind: OperatorTokenKind, given: readonly string[]): OperatorScope[] {
  const known: readonly OperatorScope[] = kind === 'mcp' ? MCP_SCOPES : OPERATOR_SCOPES;
  if (given.length === 0 || given.some((scope) => !known.includes(scope as OperatorScope))) {
    throw new KeyRefused(
      `The scopes of ${kind === 'mcp' ? 'an MCP token' : 'an operator token'} are some of ${known.join(', ')}.`,
    );
  }
  return known.filter((scope) => given.includes(scope));
}
