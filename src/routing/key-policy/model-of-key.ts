import { GatewayError, matchesModel, normalModel, type Operation, type Principal } from '../../core/index.js';

/** Their model stands where it cannot be put in the place of another, or means another kind of thing. */
const OF_THEIR_OWN: ReadonlySet<Operation> = new Set(['images_generations', 'images_edits', 'realtime_calls']);
/** Nobody names a model in them. */
const WITHOUT: ReadonlySet<Operation> = new Set(['transcribe', 'files_create', 'files_uploaded', 'relay']);

type Rules = Pick<Principal, 'modelAliases' | 'forcedModel'>;

/**
 * The model that serves a name: as the key has it forced, or by the first of its aliases that fits, else the name itself.
 * Aliases are not followed further.
 */
export function modelOfKey(model: string, { modelAliases = [], forcedModel }: Rules): string {
  const wanted = forcedModel ?? modelAliases.find(([pattern]) => matchesModel(pattern, model))?.[1] ?? model;
  return normalModel(wanted) === normalModel(model) ? model : wanted;
}

/**
 * The same for a call.
 *
 * @throws GatewayError `model_not_allowed` when it asks for another model than the forced one, and cannot be given that
 */
export function callModel({ model, operation }: { model: string; operation: Operation }, rules: Rules): string {
  if (model === '' || WITHOUT.has(operation)) return model;
  if (!OF_THEIR_OWN.has(operation)) return modelOfKey(model, rules);
  const { forcedModel, ...aliases } = rules;
  const named =
    operation === 'realtime_calls' ? model : modelOfKey(model, { modelAliases: aliases.modelAliases ?? [] });
  if (forcedModel === undefined || normalModel(forcedModel) === normalModel(named)) return named;
  throw new GatewayError('model_not_allowed', 'This Pool API key may not use the requested model.', { param: 'model' });
}
