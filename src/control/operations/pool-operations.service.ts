import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { PoolService, type Pool } from '../../auth/index.js';
import { EVIDENCE_POLICIES, ROUTING_STRATEGIES } from '../../core/index.js';
import { sees } from '../actor.js';
import { ControlError, notFound } from '../control-error.js';
import { operation, OperationSet, type Operation, type OperationCall } from '../operation.js';
import { pageIn, pageOf, PAGE_INPUT } from '../page.js';

const slug = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be lower-case letters, digits and inner dashes, at most 63');

const settings = {
  name: z.string().trim().min(1).max(200),
  status: z.enum(['active', 'disabled', 'archived']),
  v1Enabled: z.boolean(),
  imageGenerationEnabled: z.boolean(),
  defaultModel: z.string().trim().min(1).nullable(),
  allowUnlistedModels: z.boolean(),
  reportCapacity: z.boolean(),
  storedResponses: z.boolean(),
  maxStoredItems: z.int().min(0).max(1_000_000),
  storedTtlSeconds: z.int().min(1).max(315_360_000),
  defaultInstructions: z.string().min(1).nullable(),
  anthropicModels: z.array(z.tuple([z.string().min(1), z.string().min(1)])),
  droppedParams: z.array(z.string().min(1)),
  routingStrategy: z.enum(ROUTING_STRATEGIES),
  evidencePolicy: z.enum(EVIDENCE_POLICIES),
  ringSize: z.int().min(1).nullable(),
  cacheLocality: z.boolean(),
  sessionMoves: z.boolean(),
  maxConcurrent: z.int().min(1).nullable(),
};

const poolView = z.object({
  id: z.uuid(),
  slug,
  ...settings,
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

const viewOf = ({ createdAt, updatedAt, ...pool }: Pool): z.input<typeof poolView> => ({
  ...pool,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});

const changes = z.object(settings).partial();

/** Pools: what they are, and what they are set to. */
@Injectable()
export class PoolOperations extends OperationSet {
  constructor(private readonly pools: PoolService) {
    super();
  }

  readonly operations: readonly Operation[] = [
    operation({
      name: 'pools.list',
      summary: 'All Pools that the token may see, by slug',
      method: 'GET',
      path: '/pools',
      scope: 'read',
      input: z.object({ status: settings.status.optional(), ...PAGE_INPUT }),
      output: pageOf(poolView),
      run: async ({ status, ...page }, { actor }) => {
        const all = (await this.pools.listPools()).filter((pool) => sees(actor, pool.id));
        const wanted = all.filter((pool) => status === undefined || pool.status === status);
        return pageIn(wanted.map(viewOf), page, (pool) => pool.slug);
      },
    }),
    operation({
      name: 'pools.get',
      summary: 'One Pool',
      method: 'GET',
      path: '/pools/{pool}',
      scope: 'read',
      input: z.object({ pool: slug }),
      output: poolView,
      run: async ({ pool }, call) => viewOf(await this.named(pool, call)),
    }),
    operation({
      name: 'pools.create',
      summary: 'Make a Pool',
      method: 'POST',
      path: '/pools',
      scope: 'pools:write',
      status: 201,
      input: changes.extend({ slug }),
      output: poolView,
      change: {
        action: 'pool.create',
        creates: true,
        target: ({ slug: label }, made) => ({ type: 'pool', label, ...idOf(made) }),
      },
      run: async ({ slug: given, ...wanted }, { actor }) => {
        if (actor.poolIds !== undefined) throw new ControlError('forbidden', 'The token is bound to Pools.');
        if ((await this.pools.findPool(given)) !== null)
          throw new ControlError('conflict', 'There is a Pool of that slug.');
        return viewOf(await this.pools.createPool(given, present(wanted)));
      },
    }),
    operation({
      name: 'pools.update',
      summary: 'Change what a Pool is set to',
      method: 'PATCH',
      path: '/pools/{pool}',
      scope: 'pools:write',
      input: changes.extend({ pool: slug }),
      output: poolView,
      change: {
        action: 'pool.update',
        target: ({ pool }, _output, before) => ({ type: 'pool', label: pool, ...idOf(before) }),
        thing: { view: poolView, read: async ({ pool }, call) => viewOf(await this.named(pool, call)) },
      },
      run: async ({ pool, ...wanted }, call) => {
        const { slug: found } = await this.named(pool, call);
        return viewOf(await this.pools.createPool(found, present(wanted)));
      },
    }),
  ];

  private async named(given: string, { actor }: OperationCall): Promise<Pool> {
    const pool = await this.pools.findPool(given);
    if (pool === null || !sees(actor, pool.id)) throw notFound('Pool');
    return pool;
  }
}

const idOf = (pool: unknown): { readonly id?: string; readonly poolId?: string } => {
  const { success, data } = poolView.safeParse(pool);
  return success ? { id: data.id, poolId: data.id } : {};
};

/** Only what was given. */
const present = <T extends object>(given: T): { [Field in keyof T]: Exclude<T[Field], undefined> } =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never;
