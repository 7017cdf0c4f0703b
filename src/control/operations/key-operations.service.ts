import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { KeyAdminService, PoolService, type KeyPolicy, type Pool, type PoolKey } from '../../auth/index.js';
import { sees } from '../actor.js';
import { ControlError } from '../control-error.js';
import { operation, OperationSet, type Operation, type OperationCall } from '../operation.js';
import { keysetCursor, keysetPosition, pageOf, PAGE_INPUT } from '../page.js';
import { orRefused } from '../refused.js';
import { said } from '../said.js';
import {
  keyDetailView,
  keyPolicy,
  keyView,
  keyViewOf,
  keyWithSecretView,
  type KeyDetailView,
  type KeyView,
} from '../views/key-view.js';
import { line, poolSlug } from '../views/pool-view.js';
import { LimitViews } from './limit-views.service.js';
import { keyName, NamedThings, noKey } from './named-things.service.js';

const OF_KEY = z.object({ key: keyName });
const policy = z.object(keyPolicy).partial();
const rotation = OF_KEY.extend({
  overlapSeconds: z
    .int()
    .min(0)
    .max(2_592_000)
    .default(0)
    .describe('how long the old secret is good beside the new one'),
});
const listing = z.object({
  pool: poolSlug.optional(),
  status: z.enum(['active', 'paused', 'revoked']).optional(),
  search: line(100).optional().describe('in label or prefix'),
  ...PAGE_INPUT,
});

/** What changes a key that is there. */
interface KeyChange {
  readonly verb: string;
  readonly summary: string;
  readonly action: string;
  readonly method?: 'POST' | 'PATCH';
  readonly input?: z.ZodObject;
  readonly change: (key: PoolKey, input: object) => Promise<PoolKey | null>;
  /** What else it comes to, of what takes something away. */
  readonly effects?: (key: PoolKey) => readonly string[];
}

/** Keys of Pools. */
@Injectable()
export class KeyOperations extends OperationSet {
  constructor(
    private readonly keys: KeyAdminService,
    private readonly pools: PoolService,
    private readonly limits: LimitViews,
    private readonly named: NamedThings,
  ) {
    super();
  }

  readonly operations: readonly Operation[] = [
    operation({
      name: 'keys.list',
      summary: 'Keys of the Pools that the token may see, the oldest first',
      method: 'GET',
      path: '/keys',
      scope: 'read',
      input: listing,
      output: pageOf(keyView),
      run: (input, call) => this.page(input, call),
    }),
    operation({
      name: 'keys.get',
      summary: 'One key: what it may ask for, its limits, and how much of them is used',
      method: 'GET',
      path: '/keys/{key}',
      scope: 'read',
      input: OF_KEY,
      output: keyDetailView,
      run: ({ key }, call) => this.shown(key, call),
    }),
    operation({
      name: 'keys.create',
      summary: 'Make a key; its token is shown this once only',
      method: 'POST',
      path: '/keys',
      scope: 'keys:write',
      status: 201,
      input: policy.extend({ pool: poolSlug, label: line(100) }),
      output: keyWithSecretView,
      change: {
        action: 'key.create',
        creates: true,
        secrets: ['token'],
        target: ({ label }, made) => ({ type: 'key', label, ...idOf(made) }),
      },
      run: async ({ pool, label, ...wanted }, call) => {
        const { id, slug, status } = await this.named.pool(pool, call);
        if (status === 'archived') throw new ControlError('conflict', `The Pool "${slug}" is archived.`);
        const { key, token } = await orRefused(this.keys.createKey(id, label, policyOf(wanted)));
        return { ...keyViewOf(key, slug), token };
      },
    }),
    this.changing({
      verb: 'update',
      summary: 'Change what a key may ask for, and how; what is not mentioned stays, null takes a rule away',
      action: 'key.set',
      method: 'PATCH',
      input: OF_KEY.extend(policy.shape),
      change: ({ id }, wanted) => this.keys.changeKey(id, policyOf(policy.parse(wanted))),
    }),
    this.changing({
      verb: 'pause',
      summary: 'Refuse a key until it is resumed, on every replica',
      action: 'key.pause',
      change: ({ id }) => this.keys.changeKey(id, { paused: true }),
      effects: () => ['Calls with it are refused until it is resumed, and its websockets are closed.'],
    }),
    this.changing({
      verb: 'resume',
      summary: 'Serve a paused key again',
      action: 'key.resume',
      change: ({ id }) => this.keys.changeKey(id, { paused: false }),
    }),
    this.changing({
      verb: 'revoke',
      summary: 'Refuse a key for ever, on every replica',
      action: 'key.revoke',
      change: ({ id }) => this.keys.revokeKey(id),
      effects: ({ status }) =>
        status === 'revoked'
          ? []
          : ['Calls with it are refused for ever, and its websockets are closed.', 'It cannot be taken back.'],
    }),
    operation({
      name: 'keys.rotate',
      summary: 'Give a key a new secret; its token is shown this once only',
      method: 'POST',
      path: '/keys/{key}/rotate',
      scope: 'keys:write',
      input: rotation,
      output: keyWithSecretView,
      change: {
        action: 'key.rotate',
        creates: true,
        secrets: ['token'],
        target: (_input, _output, before) => ({ type: 'key', ...idOf(before) }),
        thing: { view: keyDetailView, read: ({ key }, call) => this.shown(key, call) },
        destructive: true,
        effects: async ({ key, overlapSeconds }, call) =>
          rotated(await this.named.key(key, call), overlapSeconds, call),
      },
      run: async ({ key: name, overlapSeconds }, call) => {
        const { id } = await this.named.key(name, call);
        const made = await orRefused(this.keys.rotateKey(id, overlapSeconds * 1_000));
        if (made === null) throw noKey();
        return { ...(await this.viewOf(made.key)), token: made.token };
      },
    }),
  ];

  private changing({ verb, summary, action, method = 'POST', input = OF_KEY, change, effects }: KeyChange): Operation {
    const named = (given: object, call: OperationCall) => this.named.key(OF_KEY.parse(given).key, call);
    return operation({
      name: `keys.${verb}`,
      summary,
      method,
      path: method === 'PATCH' ? '/keys/{key}' : `/keys/{key}/${verb}`,
      scope: 'keys:write',
      input,
      output: keyDetailView,
      change: {
        action,
        target: (_input, _output, before) => ({ type: 'key', ...idOf(before) }),
        thing: { view: keyDetailView, read: async (given, call) => this.detailOf(await named(given, call), call) },
        ...(effects && {
          destructive: true,
          effects: async (given, call) => effects(await named(given, call)),
        }),
      },
      run: async (given, call) => {
        const changed = await orRefused(change(await named(given, call), given));
        if (changed === null) throw noKey();
        return this.detailOf(changed, call);
      },
    });
  }

  private async page({ pool, status, search: text, ...page }: z.output<typeof listing>, call: OperationCall) {
    const { actor } = call;
    const all = (await this.pools.listPools()).filter(({ id }) => sees(actor, id));
    const wanted = pool === undefined ? all : [await this.named.pool(pool, call)];
    const position = keysetPosition(page.after);
    const { keys, next } = await this.keys.pageOfKeys({
      ...said({ status, text }),
      poolIds: wanted.map(({ id }) => id),
      limit: page.limit,
      ...(position && { after: { createdAt: position.at, id: position.id } }),
    });
    const items = keys.map((key) => keyViewOf(key, slugIn(all, key)));
    return { items, ...(next && { next: keysetCursor({ at: next.createdAt, id: next.id }) }) };
  }

  private async shown(name: string, call: OperationCall): Promise<KeyDetailView> {
    return this.detailOf(await this.named.key(name, call), call);
  }

  private async detailOf(key: PoolKey, { nowMs }: OperationCall): Promise<KeyDetailView> {
    return { ...(await this.viewOf(key)), ...(await this.limits.of({ keyId: key.id }, nowMs)) };
  }

  private async viewOf(key: PoolKey): Promise<KeyView> {
    return keyViewOf(key, slugIn(await this.pools.listPools(), key));
  }
}

const slugIn = (pools: readonly Pool[], { poolId }: PoolKey): string =>
  pools.find(({ id }) => id === poolId)?.slug ?? '';

const policyOf = ({ expiresAt, ...same }: z.output<typeof policy>): KeyPolicy =>
  said({ ...same, expiresAt: typeof expiresAt === 'string' ? new Date(expiresAt) : expiresAt });

function rotated({ prefix, previousPrefix, previousUntil }: PoolKey, overlapSeconds: number, { nowMs }: OperationCall) {
  const before = previousPrefix !== null && previousUntil !== null && previousUntil.getTime() > nowMs;
  return [
    overlapSeconds === 0
      ? `The secret ${prefix} is refused at once.`
      : `The secret ${prefix} is refused after ${overlapSeconds} s.`,
    ...(before ? [`The secret ${previousPrefix}, which it had before, is refused at once.`] : []),
  ];
}

const idOf = (key: unknown): { readonly id?: string; readonly label?: string; readonly poolId?: string } => {
  const { success, data } = keyView.safeParse(key);
  return success ? { id: data.id, label: data.label, poolId: data.poolId } : {};
};
