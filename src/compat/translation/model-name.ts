import { GatewayError, type PoolPolicy } from '../../core/index.js';

const PREFIX = /^openai\//i;

/**
 * The model that a request asks for, as the backend knows it. Tools that address several providers write
 * `openai/gpt-5.5`; without a name the Pool's default serves.
 *
 * @throws GatewayError `invalid_request` with param `model`
 */
export function modelName(given: unknown, { defaultModel }: Pick<PoolPolicy, 'defaultModel'>): string {
  if (given !== undefined && given !== null && typeof given !== 'string') {
    throw new GatewayError('invalid_request', 'model must be a string', { param: 'model' });
  }
  const name = given?.trim().replace(PREFIX, '') ?? '';
  const model = name === '' ? defaultModel : name;
  if (model === undefined) throw new GatewayError('invalid_request', 'model is required', { param: 'model' });
  return model;
}
