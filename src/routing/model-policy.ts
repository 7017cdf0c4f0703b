import { GatewayError, type Principal, type RoutedCall } from '../core/index.js';

/**
 * A call that names no model asks for none. What it does name counts, also where another model of the upstream's does the
 * work: an image model has to be allowed by its own name.
 *
 * @throws GatewayError `model_not_allowed` when the key is limited to other models
 */
export function requireAllowedModel({ model }: Pick<RoutedCall, 'model'>, caller: Principal): void {
  if (model.trim() === '' || caller.allowedModels?.has(model) !== false) return;
  throw new GatewayError('model_not_allowed', 'This Pool API key may not use the requested model.', { param: 'model' });
}
