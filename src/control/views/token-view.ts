import { z } from 'zod';
import type { OperatorToken } from '../../auth/index.js';
import { MCP_SCOPES, OPERATOR_SCOPES, type PoolId } from '../../core/index.js';
import { isoOrNull } from '../instants.js';
import { VOLATILE } from '../version.js';

export const TOKEN_KINDS = ['operator', 'mcp'] as const;

/** An operator's token, or one for the MCP endpoint, without its secret. */
export const tokenView = z.object({
  id: z.uuid(),
  prefix: z.string(),
  label: z.string(),
  kind: z.enum(TOKEN_KINDS),
  status: z.enum(['active', 'disabled', 'revoked']),
  scopes: z.array(z.enum([...OPERATOR_SCOPES, ...MCP_SCOPES])),
  pools: z.array(z.string()).nullable().describe('slugs of the only Pools that it sees and changes; null: all'),
  poolIds: z.array(z.uuid()).nullable(),
  expiresAt: z.iso.datetime().nullable(),
  lastUsedAt: z.iso.datetime().nullable(),
  previousPrefix: z.string().nullable().describe('of the secret before the last rotation'),
  previousUntil: z.iso.datetime().nullable().describe('how long the secret before is good'),
  createdBy: z.string(),
  createdAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().nullable(),
});
VOLATILE.add(tokenView, { fields: ['lastUsedAt'] });

/** A token with a secret that was made just now: the only time that it is shown. */
export const tokenWithSecretView = tokenView.extend({ token: z.string() });

export type TokenView = z.output<typeof tokenView>;

export const tokenViewOf = (row: OperatorToken, slugs: ReadonlyMap<PoolId, string>): TokenView => ({
  id: row.id,
  prefix: row.prefix,
  label: row.label,
  kind: row.kind,
  status: statusOf(row),
  scopes: row.scopes,
  pools: row.poolIds?.map((id) => slugs.get(id) ?? id) ?? null,
  poolIds: row.poolIds,
  expiresAt: isoOrNull(row.expiresAt),
  lastUsedAt: isoOrNull(row.lastUsedAt),
  previousPrefix: row.previousPrefix,
  previousUntil: isoOrNull(row.previousUntil),
  createdBy: row.createdBy,
  createdAt: row.createdAt.toISOString(),
  revokedAt: isoOrNull(row.revokedAt),
});

function statusOf({ revokedAt, enabled }: OperatorToken): TokenView['status'] {
  if (revokedAt !== null) return 'revoked';
  return enabled ? 'active' : 'disabled';
}
