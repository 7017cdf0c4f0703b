import { allowedModels, GatewayError, type KeyId, type Principal } from '../core/index.js';
import { aPoolPolicy } from '../../test/support/pool-policy.js';
import { requireAllowedModel } from './model-policy.js';

const caller = (...models: readonly string[]): Principal => ({
  keyId: 'k' as KeyId,
  keyLabel: 'ci',
  pool: aPoolPolicy({ allowUnlistedModels: true }),
  ...(models.length > 0 ? { allowedModels: allowedModels(models) } : {}),
});

const outcome = (model: string, who: Principal): unknown => {
  try {
    requireAllowedModel({ model }, who);
    return 'allowed';
  } catch (error) {
    const { code, status, detail } = GatewayError.from(error);
    return [status, code, detail.param];
  }
};
const REFUSED = [403, 'model_not_allowed', 'model'];

describe('the models of a key', () => {
  it.each([
    ['any model, when it is not limited', 'gpt-5.5', caller(), 'allowed'],
    ['its own', 'gpt-5.5', caller('gpt-5.5'), 'allowed'],
    ['its own, however it is written', ' GPT-5.5 ', caller('gpt-5.5'), 'allowed'],
    ['what fits its pattern', 'GPT-5.5-codex', caller('gpt-5.5*'), 'allowed'],
    ['no other', 'gpt-5.4', caller('gpt-5.5'), REFUSED],
    ['nothing that only begins like it', 'gpt-5.5-mini', caller('gpt-5.5'), REFUSED],
    ['an image model by its own name', 'gpt-image-2', caller('gpt-5.5', 'gpt-image-2'), 'allowed'],
    ['no image model that is not named', 'gpt-image-2', caller('gpt-5.5'), REFUSED],
    ['calls without a model', '', caller('gpt-5.5'), 'allowed'],
  ])('allow %s', (_, model, who, expected) => {
    expect(outcome(model, who)).toEqual(expected);
  });
});
