import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { decisionRecord, RequestLogService, type DecisionRecord } from '../../accounting/index.js';
import { callerOf, KeyAdminService, PoolService, type Pool, type PoolKey } from '../../auth/index.js';
import { GatewayError, OPERATIONS, type PoolId, type Principal, type RoutedCall } from '../../core/index.js';
import { CONFIG, type Config } from '../../platform/config/index.js';
import { modelOfKey, PreviewService, refusalOf, soonestClear, type Decision } from '../../routing/index.js';
import { quotaVerdict } from '../../upstream/index.js';
import { ControlError } from '../control-error.js';
import { requestDetailViewOf } from '../views/request-view.js';
import { callOf, DEFAULT_OPERATION } from './call-of.js';
import type { ExplainedAnswer, ExplainQuestion, Explanation, PastExplanation } from './explanation.js';

/** Says which accounts may serve a call, in which order, and why not the others. Asks as calls do, and changes nothing. */
@Injectable()
export class ExplainService {
  constructor(
    private readonly pools: PoolService,
    private readonly keys: KeyAdminService,
    private readonly preview: PreviewService,
    private readonly log: RequestLogService,
    @Inject(CONFIG) private readonly config: Pick<Config, 'QUEUE_WAIT_MS' | 'REDIS_URL'>,
  ) {}

  /** @throws ControlError when there is no such Pool or key, or the question says too little */
  async now(question: ExplainQuestion): Promise<Explanation> {
    const pool = await this.poolOf(question);
    const key = await this.keyOf(question, pool);
    const caller = callerOf(pool, key);
    const call = callOf(question, randomUUID(), Date.now());
    const { decision, answer } = await this.decided(call, caller);
    const model = modelOfKey(call.model, caller);
    return {
      pool: { slug: pool.slug, status: pool.status },
      ...(key ? { key: { label: key.label, prefix: key.prefix, status: key.status } } : {}),
      model: call.model,
      ...(model === call.model || answer ? {} : { servedAs: model }),
      operation: call.operation,
      transport: call.transport,
      session: call.session !== undefined,
      decision: recordOf(decision, { model }),
      ...(answer ? { answer } : {}),
      places: await this.preview.occupied(call, caller),
      reach: this.config.REDIS_URL === undefined ? 'process' : 'cluster',
    };
  }

  /**
   * @param id of the call, or the x-request-id that its client saw
   * @param poolIds what is none of theirs is not known
   * @returns undefined when no such call is known
   */
  async past(id: string, poolIds?: readonly PoolId[]): Promise<PastExplanation | undefined> {
    const request = await this.log.find(id, poolIds);
    if (!request) return undefined;
    const pool = (await this.pools.listPools()).find((one) => one.id === request.poolId);
    return { at: new Date().toISOString(), request: requestDetailViewOf(request, pool?.slug ?? request.poolId) };
  }

  private async poolOf({ pool: slug, model, operation }: ExplainQuestion): Promise<Pool> {
    const pool = await this.pools.findPool(slug);
    if (!pool) throw new ControlError('not_found', `There is no Pool "${slug}".`);
    if (model === '' && OPERATIONS[operation ?? DEFAULT_OPERATION].model !== 'none') {
      throw new ControlError('unprocessable', 'Say which model.');
    }
    return pool;
  }

  private async keyOf({ key: name, session, cacheKey }: ExplainQuestion, pool: Pool): Promise<PoolKey | undefined> {
    if (name === undefined) {
      if (session === undefined && cacheKey === undefined) return undefined;
      throw new ControlError(
        'unprocessable',
        'Say which key: what two keys call by one name is not the same session or prompt cache.',
      );
    }
    const keys = await this.keys.listKeys(pool.id);
    const key = keys.find(({ prefix, label }) => prefix === name || label === name);
    if (!key) throw new ControlError('not_found', `There is no key "${name}" in Pool ${pool.slug}.`);
    return key;
  }

  /** A key that may not use the model is refused; what its Pool would do is told all the same. */
  private async decided(
    call: RoutedCall,
    caller: Principal,
  ): Promise<{ readonly decision: Decision; readonly answer?: ExplainedAnswer }> {
    try {
      const decision = await this.preview.decision(call, caller);
      return decision.candidates.length > 0 ? { decision } : { decision, answer: this.answerTo(decision) };
    } catch (thrown) {
      const { allowedModels, forcedModel, ...unlimited } = caller;
      if (!(thrown instanceof GatewayError) || (allowedModels ?? forcedModel) === undefined) throw thrown;
      return { decision: await this.preview.decision(call, unlimited), answer: answerOf(thrown) };
    }
  }

  private answerTo(decision: Decision): ExplainedAnswer {
    const backAtMs = soonestClear(decision);
    const waitsMs = this.config.QUEUE_WAIT_MS;
    const waits = backAtMs !== undefined && backAtMs < decision.atMs + waitsMs;
    return { ...answerOf(refusalOf(decision, decision.atMs)), ...(waits ? { waitsMs } : {}) };
  }
}

const answerOf = ({ status, code, detail: { resetsAtMs, retryAfterMs } }: GatewayError): ExplainedAnswer => ({
  status,
  code,
  ...(resetsAtMs === undefined ? {} : { resetsAt: new Date(resetsAtMs).toISOString() }),
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

/** With what is known of the quota of those that may serve. */
function recordOf(decision: Decision, { model }: Pick<RoutedCall, 'model'>): DecisionRecord {
  const told = (candidate: Decision['candidates'][number]) => {
    const { evidence } = quotaVerdict(candidate.account, model, decision.atMs);
    return { ...candidate, ...(evidence ? { evidence } : {}) };
  };
  const { candidates, reserve } = decision;
  return decisionRecord({ ...decision, candidates: candidates.map(told), reserve: reserve.map(told) }, Infinity);
}
