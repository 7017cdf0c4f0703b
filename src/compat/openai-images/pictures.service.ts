import { Injectable } from '@nestjs/common';
import { allowedModels, GatewayError, newCallId, type Principal } from '../../core/index.js';
import { modelOfKey } from '../../routing/index.js';
import { CatalogService } from '../../upstream/index.js';
import type { Received } from '../received.js';
import { answerEvents } from '../translation/answer-events.js';
import { TranslatedCalls } from '../translation/translated-calls.service.js';
import { picturesBody } from './encode-body.js';
import type { GivenPictures } from './given-pictures.js';
import { madePictures, type MadePictures } from './made-pictures.js';
import { hostModel, pictureRequest } from './picture-request.js';
import type { PictureWish } from './picture-wish.js';

const DIALECT = 'openai';
/** Of one request, at a time: ten pictures must not take every account at once. */
const AT_ONCE = 3;

/** Pictures by way of a model that has a tool for them: each one is a call of its own. */
@Injectable()
export class Pictures {
  constructor(
    private readonly calls: TranslatedCalls,
    private readonly catalog: CatalogService,
  ) {}

  /** @throws GatewayError, the first that any of the calls ends with; the others are given up then */
  async make(
    asked: PictureWish,
    given: GivenPictures | undefined,
    received: Received,
    caller: Principal,
    signal: AbortSignal,
  ): Promise<object> {
    const wish = underAlias(asked, caller);
    requireAllowed(wish, caller);
    const allowed = wish.model === undefined ? caller.allowedModels : undefined;
    const { entries, listed } = await this.catalog.models(caller.pool.id, allowed);
    const host = hostModel(wish.model, caller.pool, entries, listed);
    const by = servedBy(host, wish, caller);
    const one = async (until: AbortSignal, number: number): Promise<MadePictures> => {
      const id = number === 0 ? received.id : newCallId(Date.now());
      const request = pictureRequest(wish, given, host, id);
      const call = await this.calls.call(request, DIALECT, { ...received, id }, by);
      return madePictures(answerEvents(this.calls.run(call, by, until)));
    };
    const made = await together(wish.count, one, signal);
    return picturesBody(asked, made, Math.floor(received.receivedAtMs / 1000));
  }
}

/** The key has to allow the model that the client names; which one does the work for an image model is ours to say. */
function requireAllowed({ model }: PictureWish, { allowedModels }: Principal): void {
  if (model === undefined || allowedModels?.has(model) !== false) return;
  throw new GatewayError('model_not_allowed', 'This Pool API key may not use the requested model.', { param: 'model' });
}

/** The key's aliases are for what the client names; the model that does the work is ours to say. */
function servedBy(host: string, { model }: PictureWish, given: Principal): Principal {
  const caller = { ...given, modelAliases: [] };
  if (model === undefined || caller.allowedModels === undefined) return caller;
  return { ...caller, allowedModels: allowedModels([...caller.allowedModels.patterns, host]) };
}

function underAlias(wish: PictureWish, { modelAliases }: Principal): PictureWish {
  if (wish.model === undefined || modelAliases === undefined) return wish;
  return { ...wish, model: modelOfKey(wish.model, { modelAliases }) };
}

async function together<Result>(
  count: number,
  one: (signal: AbortSignal, number: number) => Promise<Result>,
  signal: AbortSignal,
): Promise<readonly Result[]> {
  const stop = new AbortController();
  const until = AbortSignal.any([signal, stop.signal]);
  const results: Result[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let number = next++; number < count && !until.aborted; number = next++)
      results[number] = await one(until, number);
  };
  const workers = Array.from({ length: Math.min(count, AT_ONCE) }, () =>
    work().catch((thrown: unknown) => {
      if (!until.aborted) stop.abort(new GatewayError('client_disconnected', 'Another picture could not be made.'));
      throw thrown;
    }),
  );
  const ends = await Promise.allSettled(workers);
  const failures = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
  if (failures.length > 0) throw failures.find((failure) => !isGivenUp(failure)) ?? failures[0];
  return results;
}

const isGivenUp = (thrown: unknown): boolean => thrown instanceof GatewayError && thrown.code === 'client_disconnected';
