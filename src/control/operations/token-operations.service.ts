import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { OperatorTokenAdmin, PoolService, type MadeToken, type OperatorToken } from '../../auth/index.js';
import { MCP_SCOPES, OPERATOR_SCOPES, type PoolId } from '../../core/index.js';
import { sees, type Actor } from '../actor.js';
import { ControlError } from '../control-error.js';
import { moment } from '../instants.js';
import { operation, OperationSet, type Change, type Operation, type OperationCall } from '../operation.js';
import { pageIn, pageOf, PAGE_INPUT } from '../page.js';
import { orRefused } from '../refused.js';
import { said } from '../said.js';
import { TOKEN_KINDS, tokenView, tokenViewOf, tokenWithSecretView, type TokenView } from '../views/token-view.js';
import { NamedThings } from './named-things.service.js';

const MAX_POOLS = 200;
const MAX_OVERLAP_SECONDS = 30 * 86_400;

const scope = z.enum(
  [...OPERATOR_SCOPES, ...MCP_SCOPES],
  `must be one of the scopes of an operator token (${OPERATOR_SCOPES.join(', ')}), or of an MCP token (${MCP_SCOPES.join(', ')})`,
);
const named = z.object({ token: z.string().min(1).max(100).describe('its id, its prefix, or its label') });

/** Tokens of operators, and of clients of the MCP endpoint. */
@Injectable()
export class TokenOperations extends OperationSet {
  constructor(
    private readonly tokens: OperatorTokenAdmin,
    private readonly pools: PoolService,
    private readonly things: NamedThings,
  ) {
    super();
  }

  readonly operations: readonly Operation[] = [
    operation({
      name: 'tokens.list',
      summary: 'All tokens that the token may see, the oldest first',
      method: 'GET',
      path: '/tokens',
      scope: 'read',
      input: z.object({ kind: z.enum(TOKEN_KINDS).optional(), ...PAGE_INPUT }),
      output: pageOf(tokenView),
      run: async ({ kind, ...page }, { actor }) => {
        const rows = (await this.tokens.list(kind)).filter((row) => isWithin(actor, row));
        const { items, next } = pageIn(rows, page, (row) => `${row.createdAt.toISOString()} ${row.id}`);
        const slugs = await this.slugs();
        return { items: items.map((row) => tokenViewOf(row, slugs)), ...(next === undefined ? {} : { next }) };
      },
    }),
    operation({
      name: 'tokens.get',
      summary: 'One token, without its secret',
      method: 'GET',
      path: '/tokens/{token}',
      scope: 'read',
      input: named,
      output: tokenView,
      run: async (input, call) => this.view(input, call),
    }),
    operation({
      name: 'tokens.create',
      summary: 'Make a token, and show its secret this once',
      method: 'POST',
      path: '/tokens',
      scope: 'admin',
      status: 201,
      input: z.object({
        label: z.string().min(1).max(100),
        kind: z.enum(TOKEN_KINDS).default('operator'),
        scopes: z.array(scope).min(1).max(20).optional().describe('absent: to read'),
        pools: z.array(z.string().max(63)).min(1).max(MAX_POOLS).optional().describe('slugs; absent: all Pools'),
        expiresAt: moment.optional().describe('absent: it does not expire'),
      }),
      output: tokenWithSecretView,
      change: {
        action: 'token.create',
        creates: true,
        target: ({ label }, made) => ({ type: 'token', label, ...aboutOf(made) }),
      },
      run: async ({ label, kind, scopes, pools, expiresAt }, call) => {
        const poolIds = await this.givable(pools, call);
        const wanted = {
          kind,
          label,
          createdBy: call.actor.label,
          ...said({ scopes, poolIds }),
          ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }),
        };
        return this.withSecret(await orRefused(this.tokens.create(wanted)));
      },
    }),
    operation({
      name: 'tokens.rotate',
      summary: 'Give a token a new secret, and show it this once',
      method: 'POST',
      path: '/tokens/{token}/rotate',
      scope: 'admin',
      input: named.extend({
        overlapSeconds: z
          .int()
          .min(0)
          .max(MAX_OVERLAP_SECONDS)
          .default(0)
          .describe('how long the old secret is good beside the new one'),
      }),
      output: tokenWithSecretView,
      change: {
        ...this.changing('token.rotate'),
        destructive: true,
        effects: async ({ overlapSeconds }) => [
          overlapSeconds === 0
            ? 'The old secret is refused at once.'
            : `The old secret is refused after ${overlapSeconds} seconds.`,
        ],
      },
      run: async ({ overlapSeconds, ...input }, call) => {
        const { id } = await this.found(input, call);
        const made = await orRefused(this.tokens.rotate(id, overlapSeconds * 1_000));
        return this.withSecret(made ?? missing());
      },
    }),
    operation({
      name: 'tokens.enable',
      summary: 'Let a disabled token in again',
      method: 'POST',
      path: '/tokens/{token}/enable',
      scope: 'admin',
      input: named,
      output: tokenView,
      change: this.changing('token.enable'),
      run: (input, call) => this.after(input, call, (id) => this.tokens.setEnabled(id, true)),
    }),
    operation({
      name: 'tokens.disable',
      summary: 'Refuse a token until it is enabled again',
      method: 'POST',
      path: '/tokens/{token}/disable',
      scope: 'admin',
      input: named,
      output: tokenView,
      change: {
        ...this.changing('token.disable'),
        destructive: true,
        effects: async () => ['It is refused on every replica within a second, until it is enabled again.'],
      },
      run: (input, call) => this.after(input, call, (id) => this.tokens.setEnabled(id, false)),
    }),
    operation({
      name: 'tokens.revoke',
      summary: 'Refuse a token for good',
      method: 'DELETE',
      path: '/tokens/{token}',
      scope: 'admin',
      input: named,
      output: tokenView,
      change: {
        ...this.changing('token.revoke'),
        destructive: true,
        effects: async () => ['It is refused on every replica within a second, and can never be enabled again.'],
      },
      run: (input, call) => this.after(input, call, (id) => this.tokens.revoke(id)),
    }),
  ];

  private changing(action: string) {
    return {
      action,
      target: ({ token }, _output, before) => ({ type: 'token', label: token, ...aboutOf(before) }),
      thing: { view: tokenView, read: (input, call) => this.view(input, call) },
    } satisfies Change<typeof named, z.ZodType>;
  }

  private async view(input: z.output<typeof named>, call: OperationCall): Promise<TokenView> {
    return tokenViewOf(await this.found(input, call), await this.slugs());
  }

  private async found({ token }: z.output<typeof named>, { actor }: OperationCall): Promise<OperatorToken> {
    const row = await this.tokens.named(token);
    return row !== null && isWithin(actor, row) ? row : missing();
  }

  private async after(
    input: z.output<typeof named>,
    call: OperationCall,
    work: (id: string) => Promise<OperatorToken | null>,
  ): Promise<TokenView> {
    const { id } = await this.found(input, call);
    return tokenViewOf((await orRefused(work(id))) ?? missing(), await this.slugs());
  }

  private async withSecret({ row, token }: Required<MadeToken>): Promise<z.output<typeof tokenWithSecretView>> {
    return { ...tokenViewOf(row, await this.slugs()), token };
  }

  /** Nobody gives what he has not: who makes tokens has every scope, though not always every Pool. */
  private async givable(slugs: readonly string[] | undefined, call: OperationCall): Promise<PoolId[] | undefined> {
    if (slugs !== undefined) return Promise.all(slugs.map(async (slug) => (await this.things.pool(slug, call)).id));
    if (sees(call.actor, undefined)) return undefined;
    throw new ControlError('forbidden', 'The token is bound to Pools: name those of them that the new one may see.');
  }

  private async slugs(): Promise<ReadonlyMap<PoolId, string>> {
    return new Map((await this.pools.listPools()).map(({ id, slug }) => [id, slug]));
  }
}

/** A token that sees more than the actor is none of his: with a new secret of it he would see as much. */
const isWithin = (actor: Actor, { poolIds }: OperatorToken): boolean =>
  poolIds === null ? sees(actor, undefined) : poolIds.every((id) => sees(actor, id));

const missing = (): never => {
  throw new ControlError('not_found', 'There is no token of that prefix, id or label, or more than one.');
};

/** Of a token of one Pool, its operators find what was done to it. */
function aboutOf(token: unknown): { readonly id?: string; readonly label?: string; readonly poolId?: string } {
  const { success, data } = tokenView.safeParse(token);
  if (!success) return {};
  const [poolId, ...more] = data.poolIds ?? [];
  return { id: data.id, label: data.label, ...(poolId !== undefined && more.length === 0 && { poolId }) };
}
