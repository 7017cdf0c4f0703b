import { GatewayError, REASONING_EFFORTS, type EffortRule, type ReasoningEffort } from '../../core/index.js';
import { effortIn, type ModelEfforts } from './model-efforts.js';

/** What a model is taken to know of which nobody says. Source: runtime contract §3.2. */
const USUAL: readonly ReasoningEffort[] = ['low', 'medium', 'high', 'xhigh'];
const USUAL_STANDARD: ReasoningEffort = 'medium';

/**
 * The reasoning effort that a call gets under a key's rule.
 *
 * @param asked what the client asks for; `undefined` when it says nothing
 * @returns `undefined` when it may stay as it is
 * @throws GatewayError `reasoning_effort_not_allowed`
 */
export function effortOfKey(
  { mode, effort: most }: EffortRule,
  asked: string | undefined,
  known: ModelEfforts,
): ReasoningEffort | undefined {
  if (mode === 'always') return asked === most ? undefined : most;
  const permitted = upTo(most, known);
  // What is lowered is never refused: the upstream says whether it can.
  const highest = permitted.at(-1) ?? (mode === 'clamp' ? most : undefined);
  if (asked === undefined) return isFree(permitted, known) ? undefined : (highest ?? refuse(permitted));
  const named = effortIn(asked);
  if (mode === 'clamp') return isAbove(named, most) ? highest : undefined;
  return named !== undefined && permitted.includes(named) ? undefined : refuse(permitted);
}

/** Whether what the model takes by itself is permitted. One that does not reason takes none. */
const isFree = (permitted: readonly ReasoningEffort[], { levels, standard = USUAL_STANDARD }: ModelEfforts): boolean =>
  levels?.length === 0 || permitted.includes(standard);

/** A word that nobody knows may mean anything. */
const isAbove = (asked: ReasoningEffort | undefined, most: ReasoningEffort): boolean =>
  asked === undefined || rank(asked) > rank(most);

const upTo = (most: ReasoningEffort, { levels = USUAL }: ModelEfforts): readonly ReasoningEffort[] =>
  (levels.length === 0 ? USUAL : levels).filter((level) => rank(level) <= rank(most));

const rank = (effort: ReasoningEffort): number => REASONING_EFFORTS.indexOf(effort);

function refuse(permitted: readonly ReasoningEffort[]): never {
  const words = permitted.length === 0 ? 'none that this model knows' : permitted.join(', ');
  throw new GatewayError(
    'reasoning_effort_not_allowed',
    `This Pool API key may not ask for this reasoning effort of this model. It may ask for: ${words}.`,
    { param: 'reasoning.effort' },
  );
}
