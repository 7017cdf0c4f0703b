import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { UsageLimitService, type LimitOwner } from '../../auth/index.js';
import type { OperatorScope } from '../../core/index.js';
import { ControlError } from '../control-error.js';
import { operation, OperationSet, type Operation, type OperationCall } from '../operation.js';
import { orRefused } from '../refused.js';
import { said } from '../said.js';
import { limitsView, type LimitsView } from '../views/limit-view.js';
import { poolSlug } from '../views/pool-view.js';
import { LimitViews } from './limit-views.service.js';
import { keyName, NamedThings } from './named-things.service.js';

const count = z.int().min(1).max(Number.MAX_SAFE_INTEGER).nullable();
const usd = z.string().max(40).nullable().describe('decimal, such as 5 or 0.25');
const values = z
  .object({
    requestsPerMinute: count.describe('in any 60 s'),
    tokensPerDay: count.describe('since midnight, UTC'),
    tokensPerWeek: count.describe('of today and the six days before'),
    maxInputTokens: count.describe('of one call'),
    maxOutputTokens: count.describe('of one call'),
    usdPerDay: usd,
    usdPerWeek: usd,
    usdPerMonth: usd,
    warnPercent: count.describe('from how much of a budget of money on there is a warning'),
  })
  .partial();
const model = z.string().max(300).optional().describe('pattern with *; absent: all models');

/** Whose limits: how they are called, and found. */
interface Owners {
  readonly type: 'key' | 'pool';
  readonly scope: OperatorScope;
  readonly name: z.ZodString;
  find(name: string, call: OperationCall): Promise<Owner>;
}

interface Owner {
  readonly owner: LimitOwner;
  readonly label: string;
  readonly poolId: string;
}

/** How much keys, and Pools in all, may use. */
@Injectable()
export class LimitOperations extends OperationSet {
  constructor(
    private readonly limits: UsageLimitService,
    private readonly views: LimitViews,
    private readonly named: NamedThings,
  ) {
    super();
  }

  readonly operations: readonly Operation[] = [
    ...this.operationsOf({
      type: 'key',
      scope: 'keys:write',
      name: keyName,
      find: async (name, call) => {
        const { id, label, poolId } = await this.named.key(name, call);
        return { owner: { keyId: id }, label, poolId };
      },
    }),
    ...this.operationsOf({
      type: 'pool',
      scope: 'pools:write',
      name: poolSlug,
      find: async (name, call) => {
        const { id, slug } = await this.named.pool(name, call);
        return { owner: { poolId: id }, label: slug, poolId: id };
      },
    }),
  ];

  private operationsOf(owners: Owners): readonly Operation[] {
    return [this.reading(owners), this.setting(owners), this.removing(owners)];
  }

  private reading(owners: Owners): Operation {
    return operation({
      name: `${owners.type}Limits.get`,
      summary: `The limits of a ${wordOf(owners)}, and how much of them is used`,
      method: 'GET',
      path: pathOf(owners),
      scope: 'read',
      input: z.object(nameIn(owners)),
      output: limitsView,
      run: (given, call) => this.shown(owners, given, call),
    });
  }

  private setting(owners: Owners): Operation {
    return operation({
      name: `${owners.type}Limits.set`,
      summary: `Set limits of a ${wordOf(owners)}; what is not mentioned stays, null takes a limit away`,
      method: 'PATCH',
      path: pathOf(owners),
      scope: owners.scope,
      input: values.extend({ ...nameIn(owners), model }),
      output: limitsView,
      change: { action: `${owners.type}.limit.set`, target: targetOf(owners), thing: this.thing(owners) },
      run: async (given, call) => {
        const { owner } = await owners.find(nameOf(owners, given), call);
        await orRefused(this.limits.setLimit(owner, said(values.parse(given)), given.model));
        return this.shown(owners, given, call);
      },
    });
  }

  private removing(owners: Owners): Operation {
    return operation({
      name: `${owners.type}Limits.remove`,
      summary: `Take limits of a ${wordOf(owners)} away: those of all models, or those of one pattern`,
      method: 'DELETE',
      path: pathOf(owners),
      scope: owners.scope,
      input: z.object({ ...nameIn(owners), model }),
      output: limitsView,
      change: {
        action: `${owners.type}.limit.remove`,
        target: targetOf(owners),
        thing: this.thing(owners),
        destructive: true,
        effects: async (given, call) => {
          const { limits } = await this.shown(owners, given, call);
          const pattern = given.model?.trim().toLowerCase() ?? null;
          const of = pattern === null ? 'all models' : pattern;
          return limits.some((limit) => limit.model === pattern)
            ? [`What was set for ${of} limits no more calls.`]
            : [];
        },
      },
      run: async (given, call) => {
        const { owner, label } = await owners.find(nameOf(owners, given), call);
        if (!(await orRefused(this.limits.removeLimit(owner, given.model)))) {
          const whose = owners.type === 'key' ? 'Key' : 'Pool';
          throw new ControlError('not_found', `${whose} ${label} has no such limit.`);
        }
        return this.shown(owners, given, call);
      },
    });
  }

  private thing(owners: Owners) {
    return { view: limitsView, read: (given: object, call: OperationCall) => this.shown(owners, given, call) };
  }

  private async shown(owners: Owners, given: object, call: OperationCall): Promise<LimitsView> {
    const { owner, label, poolId } = await owners.find(nameOf(owners, given), call);
    const id = owner.keyId ?? owner.poolId;
    return { scope: owners.type, id, label, poolId, ...(await this.views.of(owner, call.nowMs)) };
  }
}

const pathOf = ({ type }: Owners): string => `/${type}s/{${type}}/limits`;
const wordOf = ({ type }: Owners): string => (type === 'key' ? 'key' : 'Pool');
const nameIn = ({ type, name }: Owners): Record<string, z.ZodString> => ({ [type]: name });
const nameOf = ({ type, name }: Owners, given: object): string => z.object({ [type]: name }).parse(given)[type] ?? '';

const targetOf =
  ({ type }: Owners) =>
  (_input: unknown, _output: unknown, before: unknown) => {
    const { success, data } = limitsView.safeParse(before);
    return { type, ...(success ? { id: data.id, label: data.label, poolId: data.poolId } : {}) };
  };
