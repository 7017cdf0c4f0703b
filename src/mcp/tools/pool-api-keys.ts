import { z } from 'zod';
import { keyDetailView, keyView, type KeyDetailView, type KeyView } from '../../control/index.js';
import { tool } from '../tool.js';
import { everything, isLike, poolMeant } from './asked.js';
import { instant, instantOrNone, limitOf, poolSelector, query, selector, text } from './fields.js';
import { detail, detailOf, findNamed, list, listOf, noList } from './found.js';

const status = keyView.shape.status;
const fields = {
  id: z.uuid(),
  pool_id: z.uuid(),
  pool_slug: z.string(),
  display_name: text,
  key_prefix: z.string(),
  status,
  expires_at: instantOrNone,
  last_used_at: instantOrNone,
  allowed_model_identifiers: z.array(z.string()).nullable().describe('null: all models'),
  enforced_model_identifier: z.string().nullable(),
  enforced_reasoning_effort: z.string().nullable(),
  maximum_reasoning_effort: z.string().nullable(),
  reasoning_policy_mode: z.string().nullable(),
  enforced_service_tier: z.string().nullable(),
  created_at: instant,
  revoked_at: instantOrNone,
  policy_summary: z.strictObject({
    max_concurrent: z.int().nullable(),
    model_alias_count: z.int(),
    is_bound_to_addresses: z.boolean(),
  }),
};
const key = z.strictObject(fields);
const keyDetail = z.strictObject({
  ...fields,
  usage_summary: z.array(
    z.strictObject({
      scope: z.enum(['key', 'pool']),
      limit: z.string(),
      window: z.string(),
      model: z.string().nullable(),
      max: z.union([z.string(), z.number()]),
      current: z.union([z.string(), z.number()]),
      remaining: z.union([z.string(), z.number()]),
      resets_at: instantOrNone,
    }),
  ),
});

export const listPoolApiKeys = tool({
  name: 'list_pool_api_keys',
  title: 'Pool API keys',
  description: 'Keys of the Pools that you may see: their names, states and policies, never their secrets.',
  effect: 'reads',
  input: z.strictObject({ query, status: status.optional(), pool_selector: poolSelector, limit: limitOf(100, 25) }),
  output: listOf(key),
  run: async ({ query: wanted, status: state, pool_selector, limit }, call) => {
    const pool = await poolMeant(call, pool_selector);
    if (pool && pool.status !== 'ok') return noList(pool, limit);
    const all = await everything(call, 'keys.list', keyView, {
      ...(state && { status: state }),
      ...(pool && { pool: pool.thing.slug }),
    });
    const fitting = all.filter(({ label, prefix }) => isLike(wanted, [label, prefix]));
    return list('keys', fitting.map(keyOf), limit);
  },
});

export const getPoolApiKey = tool({
  name: 'get_pool_api_key',
  title: 'A Pool API key',
  description: 'One key, by its id, prefix or name, with how much of its limits is used.',
  effect: 'reads',
  input: z.strictObject({ selector: selector('its id, prefix or name'), pool_selector: poolSelector }),
  output: detailOf('pool_api_key', keyDetail),
  run: async ({ selector: wanted, pool_selector }, call) => {
    const pool = await poolMeant(call, pool_selector);
    if (pool && pool.status !== 'ok') return detail('pool_api_key', pool, () => null);
    const all = await everything(call, 'keys.list', keyView, pool && { pool: pool.thing.slug });
    const found = findNamed(all, wanted, ({ id, label, prefix }) => ({ id, label, names: [label, prefix] }));
    return detail('pool_api_key', found, async ({ id }) =>
      detailKeyOf(keyDetailView.parse(await call.ask('keys.get', { key: id }))),
    );
  },
});

const keyOf = (each: KeyView): z.input<typeof key> => {
  const { mode, effort } = each.effort ?? { mode: null, effort: null };
  return {
    id: each.id,
    pool_id: each.poolId,
    pool_slug: each.pool,
    display_name: each.label,
    key_prefix: each.prefix,
    status: each.status,
    expires_at: each.expiresAt,
    last_used_at: each.lastUsedAt,
    allowed_model_identifiers: each.allowedModels,
    enforced_model_identifier: each.forcedModel,
    enforced_reasoning_effort: mode === 'always' ? effort : null,
    maximum_reasoning_effort: mode === 'always' ? null : effort,
    reasoning_policy_mode: mode,
    enforced_service_tier: each.serviceTier,
    created_at: each.createdAt,
    revoked_at: each.revokedAt,
    policy_summary: {
      max_concurrent: each.maxConcurrent,
      model_alias_count: each.modelAliases.length,
      is_bound_to_addresses: each.allowedAddresses !== null,
    },
  };
};

const detailKeyOf = (each: KeyDetailView): z.input<typeof keyDetail> => ({
  ...keyOf(each),
  usage_summary: each.used.map(({ scope, limit, window, model, max, current, remaining, resetsAt }) => ({
    ...{ scope, limit, window, model, max, current, remaining },
    resets_at: resetsAt,
  })),
});
