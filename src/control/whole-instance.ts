import { sees, type Actor } from './actor.js';
import { ControlError } from './control-error.js';

/** @throws ControlError `forbidden` for tokens that are bound to Pools: what it guards belongs to none */
export function seesWholeInstance(actor: Actor): void {
  if (!sees(actor, undefined)) {
    throw new ControlError('forbidden', 'The token is bound to Pools, and this belongs to the whole installation.');
  }
}
