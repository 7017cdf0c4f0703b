import { asFields, asText, type AccountId, type RoutedCall } from '../../core/index.js';
import type { WantedResponse } from './responses-body.js';

/**
 * What the backend encrypts can only be read by the account that made it (T27). A call that goes on from one account
 * prefers it. Reasoning is left out for any other; a folded conversation cannot be, so nobody else can go on with it.
 */
export const accountFor = (id: AccountId, input: readonly unknown[]): NonNullable<RoutedCall['account']> => ({
  id,
  required: input.some((item) => isSealed(item) && !isReasoning(item)),
});

/** The same without reasoning; `undefined` when it has none. */
export function withoutReasoning(wanted: WantedResponse): WantedResponse | undefined {
  if (!wanted.input.some(isReasoning)) return undefined;
  return { ...wanted, input: wanted.input.filter((item) => !isReasoning(item)) };
}

export const isReasoning = (item: unknown): boolean => asFields(item)?.['type'] === 'reasoning';

const isSealed = (item: unknown): boolean => asText(asFields(item)?.['encrypted_content']) !== undefined;
