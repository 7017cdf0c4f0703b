import { Injectable } from '@nestjs/common';
import type { Principal } from '../../core/index.js';
import type { AnswerPart } from '../../exchange/index.js';
import { AccountPoolService, CatalogService } from '../../upstream/index.js';
import { capacityHeaders, withPoolRateLimits } from './pool-rate-limits.js';

type OwnHeaders = Readonly<Record<string, string>>;

/** What answers tell of the Pool itself, beside what the upstream says. Nothing here may hold up or fail an answer. */
@Injectable()
export class PoolReport {
  constructor(
    private readonly catalog: CatalogService,
    private readonly accounts: AccountPoolService,
  ) {}

  /** Tag of the model list that the caller gets; `undefined` when nobody can say. */
  async modelsEtag({ pool, allowedModels }: Principal): Promise<string | undefined> {
    return this.catalog.models(pool.id, allowedModels).then(
      ({ etag }) => etag,
      () => undefined,
    );
  }

  /** For every answer: the Pool's capacity, if it wants that told. */
  async headers({ pool }: Principal): Promise<OwnHeaders> {
    return pool.reportCapacity ? this.accounts.capacity(pool.id).then(capacityHeaders, () => ({})) : {};
  }

  /**
   * For streams: also the tag of the model list. A CLI that sees one it does not know asks for the models again; without
   * one it keeps what it has.
   */
  async streamHeaders(caller: Principal): Promise<OwnHeaders> {
    const [headers, etag] = await Promise.all([this.headers(caller), this.modelsEtag(caller)]);
    return etag === undefined ? headers : { ...headers, 'x-models-etag': etag };
  }

  /** The answer as it is, or with the Pool's capacity in the place of an account's. */
  parts(parts: AsyncIterable<AnswerPart>, { pool }: Principal): AsyncIterable<AnswerPart> {
    return pool.reportCapacity ? withPoolRateLimits(parts, () => this.accounts.capacity(pool.id)) : parts;
  }
}
