import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { KeyAdminService, PoolService } from '../../auth/index.js';
import { sees } from '../actor.js';
import { ControlError, notFound } from '../control-error.js';
import { operation, OperationSet, type Operation, type OperationCall } from '../operation.js';
import { pageIn, pageOf, PAGE_INPUT } from '../page.js';
import { said } from '../said.js';
import { line, poolSettings, poolSlug, poolView, poolViewOf } from '../views/pool-view.js';
import { NamedThings } from './named-things.service.js';

const changes = z.object(poolSettings).partial();
const OF_POOL = z.object({ pool: poolSlug });
const updating = changes.extend(OF_POOL.shape);

/** Pools: what they are, and what they are set to. */
@Injectable()
export class PoolOperations extends OperationSet {
  constructor(
    private readonly pools: PoolService,
    private readonly keys: KeyAdminService,
    private readonly named: NamedThings,
  ) {
    super();
  }

  readonly operations: readonly Operation[] = [
    operation({
      name: 'pools.list',
      summary: 'All Pools that the token may see, by slug',
      method: 'GET',
      path: '/pools',
      scope: 'read',
      input: z.object({
        status: poolSettings.status.optional(),
        search: line(100).optional().describe('in slug or name'),
        ...PAGE_INPUT,
      }),
      output: pageOf(poolView),
      run: async ({ status, search = '', ...page }, { actor }) => {
        const text = search.toLowerCase();
        const wanted = (await this.pools.listPools()).filter(
          (pool) =>
            sees(actor, pool.id) &&
            (status === undefined || pool.status === status) &&
            (pool.slug.includes(text) || pool.name.toLowerCase().includes(text)),
        );
        return pageIn(wanted.map(poolViewOf), page, ({ slug }) => slug);
      },
    }),
    operation({
      name: 'pools.get',
      summary: 'One Pool',
      method: 'GET',
      path: '/pools/{pool}',
      scope: 'read',
      input: OF_POOL,
      output: poolView,
      run: ({ pool }, call) => this.shown(pool, call),
    }),
    operation({
      name: 'pools.create',
      summary: 'Make a Pool',
      method: 'POST',
      path: '/pools',
      scope: 'pools:write',
      status: 201,
      input: changes.extend({ slug: poolSlug }),
      output: poolView,
      change: {
        action: 'pool.create',
        creates: true,
        target: ({ slug: label }, made) => ({ type: 'pool', label, ...idOf(made) }),
      },
      run: async ({ slug, ...wanted }, { actor }) => {
        if (actor.poolIds !== undefined) throw new ControlError('forbidden', 'The token is bound to Pools.');
        const made = await this.pools.addPool(slug, said(wanted));
        if (made === null) throw new ControlError('conflict', `There is already a Pool "${slug}".`);
        return poolViewOf(made);
      },
    }),
    operation({
      name: 'pools.update',
      summary: 'Change what a Pool is set to; what is not mentioned stays',
      method: 'PATCH',
      path: '/pools/{pool}',
      scope: 'pools:write',
      input: updating,
      output: poolView,
      change: {
        action: 'pool.set',
        target: ({ pool }, _output, before) => ({ type: 'pool', label: pool, ...idOf(before) }),
        thing: { view: poolView, read: ({ pool }, call) => this.shown(pool, call) },
        destructive: true,
        effects: (input, call) => this.effectsOf(input, call),
      },
      run: async ({ pool, ...wanted }, call) => {
        const { id } = await this.named.pool(pool, call);
        const changed = await this.pools.changePool(id, said(wanted));
        if (changed === null) throw notFound('Pool');
        return poolViewOf(changed);
      },
    }),
  ];

  private async shown(slug: string, call: OperationCall): Promise<z.input<typeof poolView>> {
    return poolViewOf(await this.named.pool(slug, call));
  }

  /** What who calls would notice. */
  private async effectsOf(
    { pool, status, v1Enabled, imageGenerationEnabled, storedResponses }: z.output<typeof updating>,
    call: OperationCall,
  ): Promise<readonly string[]> {
    const before = await this.named.pool(pool, call);
    const closes = before.status === 'active' && status !== undefined && status !== 'active';
    const keys = closes ? await this.keys.listKeys(before.id) : [];
    const live = keys.filter((key) => key.status !== 'revoked').length;
    return [
      ...(closes ? [`Calls with the keys of the Pool are refused; not revoked: ${live}.`] : []),
      ...(before.v1Enabled && v1Enabled === false ? ['Calls below /v1 are refused.'] : []),
      ...(before.imageGenerationEnabled && imageGenerationEnabled === false ? ['No images are made.'] : []),
      ...(before.storedResponses && storedResponses === false
        ? ['Conversations are no longer kept, and those that are cannot be come back to.']
        : []),
    ];
  }
}

const idOf = (pool: unknown): { readonly id?: string; readonly poolId?: string } => {
  const { success, data } = poolView.safeParse(pool);
  return success ? { id: data.id, poolId: data.id } : {};
};
