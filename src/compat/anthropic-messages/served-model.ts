import { GatewayError, matchesModel, type PoolPolicy, type Principal } from '../../core/index.js';
import { modelOfKey } from '../../routing/index.js';
import { modelName } from '../translation/model-name.js';

/** Names of the backend's own models: a pattern that fits everything is not meant for them. */
const CODEX = /^(?:gpt|codex|o\d)(?:-|$)/;
const CLAUDE = /^(?:anthropic\/)?claude\b/;

/**
 * The model that an Anthropic client asks for, as the call names it: as the client does when its key has a model of its
 * own for that, which the exchange sees to; else as the Pool's map has it.
 *
 * @throws GatewayError as `servedModel` does
 */
export function askedModel(given: unknown, caller: Principal): string {
  const isNamed = typeof given === 'string' && given.trim() !== '';
  return isNamed && modelOfKey(given, caller) !== given ? given : servedModel(given, caller.pool);
}

/**
 * The model that serves what an Anthropic client asks for. The Pool's map says it, first entry first; the backend's own
 * names pass. A Claude name that the map leaves out is served by nobody: which model stands in for it is the Pool's to say.
 *
 * @throws GatewayError `model_not_found`, or `invalid_request` where there is no name
 */
export function servedModel(
  given: unknown,
  { anthropicModels, ...pool }: Pick<PoolPolicy, 'anthropicModels' | 'defaultModel'>,
): string {
  const asked = modelName(given, pool);
  const name = asked.toLowerCase();
  const isCodex = CODEX.test(name);
  for (const [pattern, model] of anthropicModels) {
    if (isCodex && pattern.startsWith('*')) continue;
    if (matchesModel(pattern, name)) return model;
  }
  if (!CLAUDE.test(name)) return asked;
  throw new GatewayError('model_not_found', `model: ${asked.slice(0, 100)} is not served here`, { param: 'model' });
}
