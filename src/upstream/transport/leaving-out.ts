import { GatewayError, type RoutedCall } from '../../core/index.js';
import { mayLeaveOut, refusedField, withoutFields, type RefusedFields } from './refused-fields.js';

/**
 * Ask with a call; when the upstream refuses an optional field of it, ask the same account once more without. What was
 * refused once is left out at once from then on.
 *
 * @param nowMs Unix time in milliseconds, whenever it is asked
 */
export async function leavingOut<Answer>(
  call: RoutedCall,
  refused: RefusedFields,
  nowMs: () => number,
  ask: (call: RoutedCall) => Promise<Answer>,
): Promise<Answer> {
  if (!mayLeaveOut(call)) return ask(call);
  const known = refused.of(call.model, nowMs());
  let asked = known.length === 0 ? call : (withoutFields(call, known) ?? call);
  for (;;) {
    try {
      return await ask(asked);
    } catch (thrown) {
      const field = thrown instanceof GatewayError ? refusedField(thrown) : undefined;
      const less = field && withoutFields(asked, [field]);
      if (field === undefined || less === undefined) throw thrown;
      refused.refused(call.model, field, nowMs());
      asked = less;
    }
  }
}
