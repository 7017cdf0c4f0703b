import { asFields, asFieldsList, type AccountId, type Fields } from '../../core/index.js';
import { decodeItem } from './decode-item.js';

/** What is kept of one turn: the response as the client got it, and what the turn added to the conversation before it. */
export interface StoredTurn {
  readonly accountId: AccountId;
  readonly content: Fields;
}

/**
 * A conversation as the input of its next turn, oldest first. Reasoning is encrypted for the account that made it, so only
 * that of the last one's account is of use (T27).
 */
export function earlierInput(turns: readonly StoredTurn[]): readonly unknown[] {
  const accountId = turns.at(-1)?.accountId;
  return turns.flatMap((turn) => {
    const items = [...inputOf(turn), ...asFieldsList(responseOf(turn)['output']).flatMap(asInput)];
    return turn.accountId === accountId ? items : items.filter((item) => asFields(item)?.['type'] !== 'reasoning');
  });
}

export const responseOf = ({ content }: Pick<StoredTurn, 'content'>): Fields => asFields(content['response']) ?? {};

/** What the turn itself brought. */
export const inputOf = ({ content }: Pick<StoredTurn, 'content'>): readonly unknown[] => {
  const input = content['input'];
  return Array.isArray(input) ? (input as unknown[]) : [];
};

/**
 * An item of an answer as a client that keeps its own history would send it. What no client can send is for the upstream
 * to judge, without the id that it did not store (T2).
 */
export function asInput(item: Fields): readonly Fields[] {
  try {
    return decodeItem(item, 'output');
  } catch {
    const { id: _id, ...said } = item;
    return [said];
  }
}
