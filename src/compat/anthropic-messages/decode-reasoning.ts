import { asFields, type Fields } from '../../core/index.js';
import { effortOf } from '../translation/checks/reasoning.js';
import { invalid } from '../translation/checks/invalid.js';
import type { ModelFacts } from '../translation/model-facts.js';

/** How hard the model thinks, and whether the client gets to see it. */
export interface Thinking {
  readonly reasoning: Fields | undefined;
  readonly wanted: boolean;
}

const EFFORT: Readonly<Record<string, string>> = { enabled: 'high', adaptive: 'medium', disabled: 'none' };
/** Models made for coding alone cannot be told not to think. */
const ALWAYS_THINKS = /codex/i;

/**
 * `thinking` and `output_config.effort` as the backend's reasoning. An effort that is named wins over what thinking means,
 * except that thinking can be switched off.
 *
 * @throws GatewayError `invalid_request`
 */
export function thinkingOf(body: Fields, model: string, { efforts }: Pick<ModelFacts, 'efforts'>): Thinking {
  const { thinking } = body;
  const named = effortOf(asFields(body['output_config'])?.['effort'], 'output_config.effort');
  const mode = modeOf(thinking);
  const wanted = mode === 'enabled' || mode === 'adaptive';
  const effort = mode === 'disabled' ? off(model) : (highest(named, efforts) ?? (mode && EFFORT[mode]));
  const summary = wanted && asFields(thinking)?.['display'] !== 'omitted' ? { summary: 'auto' } : {};
  if (effort === undefined) return { reasoning: undefined, wanted };
  return { reasoning: { effort, ...summary }, wanted };
}

function modeOf(thinking: unknown): string | undefined {
  if (thinking === undefined || thinking === null) return undefined;
  const type = asFields(thinking)?.['type'];
  if (typeof type === 'string' && Object.hasOwn(EFFORT, type)) return type;
  throw invalid('thinking.type', 'thinking.type: must be enabled, adaptive or disabled');
}

const off = (model: string): string => (ALWAYS_THINKS.test(model) ? 'low' : 'none');

/** Anthropic's highest effort, where the model's own highest has another name. */
const highest = (effort: string | undefined, efforts: ModelFacts['efforts']): string | undefined =>
  effort === 'max' && efforts?.has('max') === false && efforts.has('xhigh') ? 'xhigh' : effort;
