import { z } from 'zod';
import type { Pool } from '../../auth/index.js';
import type { PoolId } from '../../core/index.js';
import { sha256 } from '../../platform/crypto/index.js';
import type { AccountSummary, ImportedAccount } from '../../upstream/index.js';
import { VOLATILE } from '../version.js';

export const ACCOUNT_STATUSES = ['active', 'paused', 'draining', 'login_required'] as const;

const instant = z.iso.datetime().nullable();

/** An account's place in a Pool. */
const placeView = z.object({
  poolId: z.uuid(),
  pool: z.string(),
  status: z.enum(['active', 'paused']),
  priority: z.int().describe('its tier in that Pool, 0 first'),
});

export const accountView = z.object({
  id: z.uuid(),
  label: z.string(),
  kind: z.string().describe('whose account it is: codex, or openai for a Platform API key'),
  status: z.enum(ACCOUNT_STATUSES),
  statusReason: z.string().nullable().describe('a token such as invalid_grant'),
  plan: z.string().nullable(),
  email: z.string().nullable().describe('masked: the first two characters and the domain'),
  workspaceRef: z.string().nullable().describe('tells workspaces apart, and is no id of one'),
  seatType: z.string().nullable(),
  pools: z.array(placeView).describe('the Pools that it serves, of those that the token may see'),
  maxConcurrent: z.int().nullable().describe('calls at once; null: as many as the installation allows'),
  openCalls: z.int().describe('calls that it is serving now, over all replicas, of Pools that the token may see'),
  refreshState: z.enum(['idle', 'in_flight', 'failed', 'outcome_unknown']),
  refreshNotBefore: instant,
  accessTokenExpiresAt: instant,
  lastRefreshedAt: instant,
  lastSuccessAt: instant,
  coolingUntil: instant,
  coolingReason: z.string().nullable(),
  catalogRefreshedAt: instant,
  createdAt: z.iso.datetime(),
});

VOLATILE.add(accountView, {
  fields: [
    ...['openCalls', 'refreshState', 'refreshNotBefore', 'accessTokenExpiresAt', 'lastRefreshedAt'],
    ...['lastSuccessAt', 'coolingUntil', 'coolingReason', 'catalogRefreshedAt'],
  ],
});

export type AccountView = z.output<typeof accountView>;

/** What came of a login that was taken over. */
export const importedView = z.object({
  outcome: z.enum(['created', 'updated', 'unchanged']),
  proof: z.enum(['proven', 'unproven', 'no_refresh_token', 'unasked']),
  account: accountView,
});

export type ImportedView = z.output<typeof importedView>;

/** What stands beside the account's own row. */
export interface Beside {
  readonly email: string | undefined;
  readonly openCalls: number;
  /** The Pools that the reader may see. */
  readonly pools: ReadonlyMap<PoolId, Pick<Pool, 'slug'>>;
}

export const accountViewOf = (account: AccountSummary, { email, openCalls, pools }: Beside): AccountView => ({
  id: account.id,
  label: account.label,
  kind: account.kind,
  // A deleted account is in no list.
  status: z.enum(ACCOUNT_STATUSES).parse(account.status),
  statusReason: account.statusReason ?? null,
  plan: account.plan ?? null,
  email: email ?? null,
  workspaceRef: account.workspaceId === undefined ? null : workspaceRef(account.workspaceId),
  seatType: account.seatType ?? null,
  pools: account.assignments.flatMap(({ poolId, status, priority }) => {
    const pool = pools.get(poolId);
    return pool === undefined ? [] : [{ poolId, pool: pool.slug, status, priority }];
  }),
  maxConcurrent: account.maxConcurrent ?? null,
  openCalls,
  refreshState: account.refreshState,
  refreshNotBefore: isoOf(account.refreshNotBeforeMs),
  accessTokenExpiresAt: isoOf(account.accessTokenExpiresAtMs),
  lastRefreshedAt: isoOf(account.lastRefreshedAtMs),
  lastSuccessAt: isoOf(account.lastSuccessAtMs),
  coolingUntil: isoOf(account.coolingUntilMs),
  coolingReason: account.coolingReason ?? null,
  catalogRefreshedAt: isoOf(account.catalogRefreshedAtMs),
  createdAt: new Date(account.createdAtMs).toISOString(),
});

export const importedViewOf = (
  { outcome, proof }: Pick<ImportedAccount, 'outcome' | 'proof'>,
  account: AccountView,
): ImportedView => ({ outcome, proof, account });

/** @param ms Unix time in milliseconds */
export const isoOf = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

const REF_DIGITS = 8;

const workspaceRef = (workspaceId: string): string => `ws:${sha256(workspaceId).toString('hex').slice(0, REF_DIGITS)}`;
