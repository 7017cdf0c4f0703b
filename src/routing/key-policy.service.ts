import { Injectable } from '@nestjs/common';
import { GatewayError, normalModel, type Principal, type RoutedCall } from '../core/index.js';
import { CatalogService } from '../upstream/index.js';
import { modelEfforts, type ModelEfforts } from './key-policy/model-efforts.js';
import { modelOfKey } from './key-policy/model-of-key.js';
import { underKeyPolicy } from './key-policy/under-key-policy.js';
import { requireAllowedModel } from './model-policy.js';

/** A call as its key lets it go on. */
export interface Ruled {
  readonly call: RoutedCall;
  /** It may not; `call` is as it was then. */
  readonly refusal?: GatewayError;
}

/** Brings calls under the rules of their keys. */
@Injectable()
export class KeyPolicyService {
  constructor(private readonly catalog: CatalogService) {}

  /** Looks nothing up for a key without a rule for efforts. Never rejects for what a key may not do: that is told. */
  async ruled(call: RoutedCall, caller: Principal): Promise<Ruled> {
    try {
      const allowed = underKeyPolicy(call, caller, caller.effort ? await this.efforts(call, caller) : {});
      requireAllowedModel(allowed, caller);
      return { call: allowed };
    } catch (thrown) {
      if (thrown instanceof GatewayError) return { call, refusal: thrown };
      throw thrown;
    }
  }

  /** `{}` when the model is not listed, or nobody can say. */
  private async efforts({ model }: RoutedCall, caller: Principal): Promise<ModelEfforts> {
    const catalog = await this.catalog.models(caller.pool.id).catch(() => undefined);
    const name = normalModel(modelOfKey(model, caller));
    const found = catalog?.entries.find(({ slug }) => normalModel(slug) === name);
    return found === undefined ? {} : modelEfforts(found.entry);
  }
}
