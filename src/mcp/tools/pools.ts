import { z } from 'zod';
import { accountView, keyView, poolView, type AccountView, type KeyView, type PoolView } from '../../control/index.js';
import { tool, type ToolCall } from '../tool.js';
import { allPools, everything, findPool, isLike } from './asked.js';
import { count, instant, limitOf, query, selector, text } from './fields.js';
import { detail, detailOf, list, listOf } from './found.js';

const pool = z.strictObject({
  id: z.uuid(),
  slug: z.string(),
  name: text,
  status: poolView.shape.status,
  created_at: instant,
  updated_at: instant,
  upstream_count: count,
  api_key_count: count.describe('that are not revoked'),
  routing_summary: z.strictObject({
    strategy: z.string(),
    evidence_policy: z.string(),
    default_model: z.string().nullable(),
    max_concurrent: z.int().nullable(),
  }),
});

export const listPools = tool({
  name: 'list_pools',
  title: 'Pools',
  description: 'The Pools that you may see, with how many accounts and keys each has.',
  effect: 'reads',
  input: z.strictObject({ query, status: poolView.shape.status.optional(), limit: limitOf(100, 25) }),
  output: listOf(pool),
  run: async ({ query: wanted, status, limit }, call) => {
    const fitting = (await allPools(call)).filter(
      (each) => (status === undefined || each.status === status) && isLike(wanted, [each.slug, each.name]),
    );
    const beside = await besidesOf(call);
    return list(
      'Pools',
      fitting.map((each) => poolOf(each, beside)),
      limit,
    );
  },
});

export const getPool = tool({
  name: 'get_pool',
  title: 'A Pool',
  description: 'One Pool, by its id, slug or name.',
  effect: 'reads',
  input: z.strictObject({ selector: selector('its id, slug or name') }),
  output: detailOf('pool', pool),
  run: async ({ selector: wanted }, call) =>
    detail('pool', findPool(await allPools(call), wanted), async (found) => poolOf(found, await besidesOf(call))),
});

interface Besides {
  readonly accounts: readonly AccountView[];
  readonly keys: readonly KeyView[];
}

const besidesOf = async (call: ToolCall): Promise<Besides> => ({
  accounts: await everything(call, 'accounts.list', accountView),
  keys: await everything(call, 'keys.list', keyView),
});

const poolOf = (each: PoolView, { accounts, keys }: Besides): z.input<typeof pool> => ({
  id: each.id,
  slug: each.slug,
  name: each.name,
  status: each.status,
  created_at: each.createdAt,
  updated_at: each.updatedAt,
  upstream_count: accounts.filter(({ pools }) => pools.some(({ poolId }) => poolId === each.id)).length,
  api_key_count: keys.filter(({ poolId, status }) => poolId === each.id && status !== 'revoked').length,
  routing_summary: {
    strategy: each.routingStrategy,
    evidence_policy: each.evidencePolicy,
    default_model: each.defaultModel,
    max_concurrent: each.maxConcurrent,
  },
});
