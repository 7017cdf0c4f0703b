import { KeyConflict, KeyRefused } from '../auth/index.js';
import { RuleConflict, RuleRefused, WebhookConflict, WebhookRefused } from '../incidents/index.js';
import { ControlError } from './control-error.js';

/** What would make sense but for what is there already. */
const CONFLICTS = [KeyConflict, RuleConflict, WebhookConflict];
const REFUSALS = [KeyRefused, RuleRefused, WebhookRefused];

/** Does what a service is asked for. @throws ControlError with its own words, which are for operators, when it refuses */
export async function orRefused<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    if (!(thrown instanceof Error)) throw thrown;
    if (CONFLICTS.some((kind) => thrown instanceof kind)) throw new ControlError('conflict', thrown.message);
    if (REFUSALS.some((kind) => thrown instanceof kind)) throw new ControlError('unprocessable', thrown.message);
    throw thrown;
  }
}
