import type { Pool, PoolSettings } from '../auth/index.js';

export const LOCAL_POOL = 'local';
const DEFAULT_MODEL = 'gpt-5.5';

/**
 * What is to be said of the local Pool at a start: everything when it is made, later only another model. Claude clients
 * follow the model as long as nobody said otherwise.
 *
 * @param found as it is; null: not there yet
 * @param wanted the model that somebody asks for
 */
export function localSettings(
  found: Pick<Pool, 'defaultModel' | 'anthropicModels'> | null,
  wanted: string | undefined,
): PoolSettings {
  const model = wanted ?? found?.defaultModel ?? DEFAULT_MODEL;
  const anthropicModels = claudeModels(model);
  if (found === null) {
    return {
      storedResponses: true,
      maxStoredItems: 1_000,
      allowUnlistedModels: true,
      defaultModel: model,
      anthropicModels,
    };
  }
  if (found.defaultModel === model) return {};
  const follows = JSON.stringify(found.anthropicModels) === JSON.stringify(claudeModels(found.defaultModel ?? ''));
  return { defaultModel: model, ...(follows ? { anthropicModels } : {}) };
}

/** However a client spells it, a Claude model is this one. */
const claudeModels = (model: string): [string, string][] => [['*claude*', model]];
