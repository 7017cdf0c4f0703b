import { z } from 'zod';
import type { Target } from '../operation.js';
import { accountView } from '../views/account-view.js';

/** How operations name an account. */
export const ACCOUNT = z.string().trim().min(1).max(100).describe('id or label of the account');

export const POOL = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be lower-case letters, digits and inner dashes, at most 63')
  .describe('slug of the Pool');

export const LABEL = z.string().trim().min(1).max(100).describe('name of the account');

export const PRIORITY = z.int().min(0).max(1_000).describe('tier in that Pool, 0 first; under the strategy priority');

/**
 * The account that an operation is about.
 *
 * @param before its view, where it was there
 * @param poolId of what happens in one Pool
 */
export function accountTarget(given: string, before: unknown, poolId?: string): Target {
  const { data: account } = accountView.safeParse(before);
  if (account === undefined) return { type: 'account', label: given };
  const [place, ...others] = account.pools;
  const of = poolId ?? (others.length === 0 ? place?.poolId : undefined);
  const { id, label } = account;
  return { type: 'account', id, label, ...(of === undefined ? {} : { poolId: of }) };
}
