import { asFields, type AccountId, type Fields } from '../../core/index.js';
import { checkpointItems } from '../translation/checkpoint.js';
import { requireDistinctCalls } from '../translation/checks/distinct-calls.js';
import { invalid } from '../translation/checks/invalid.js';
import { blocksOf, textOf } from './content-blocks.js';
import { assistantItems, type Replayed, type Replaying } from './decode-assistant.js';
import { userItems } from './decode-user.js';

/** A conversation in the backend's terms. */
export interface Conversation {
  /** Texts of the system prompt, in order. */
  readonly system: readonly string[];
  readonly input: readonly Fields[];
  /** Who made the reasoning that the input holds. */
  readonly accountId?: AccountId;
}

/**
 * The system prompt and the messages of a request. Checkpoints among the system texts are the conversation that they
 * stand for.
 *
 * @throws GatewayError `invalid_request` with the path of what is wrong
 */
export function conversationOf(body: Fields, replaying: Replaying): Conversation {
  const { messages } = body;
  if (!Array.isArray(messages)) throw invalid('messages', 'messages: must be a list of messages');
  const system = [...systemTexts(body['system'], 'system')];
  const items: Replayed[] = [];
  for (const [at, given] of messages.entries()) {
    const path = `messages.${at}`;
    const message = asFields(given);
    if (message === undefined) throw invalid(path, `${path}: must be a message`);
    if (message['role'] === 'system' && items.length === 0) {
      system.push(...systemTexts(message['content'], `${path}.content`));
    } else items.push(...itemsOf(message, path, replaying));
  }
  const folded = system.map((text) => checkpointItems(text));
  const input = [...folded.flatMap((held) => held ?? []).map(plain), ...items];
  requireDistinctCalls(items.map(({ item }) => item));
  if (input.length === 0) throw invalid('messages', 'messages: at least one message is required');
  return { system: system.filter((_, at) => folded[at] === undefined), ...ofOneAccount(input) };
}

function itemsOf(message: Fields, path: string, replaying: Replaying): readonly Replayed[] {
  const { role, content } = message;
  if (role === 'user') return userItems(content, `${path}.content`).map(plain);
  if (role === 'assistant') return assistantItems(content, `${path}.content`, replaying);
  if (role !== 'system') throw invalid(`${path}.role`, `${path}.role: must be user or assistant`);
  // In the middle of a conversation it holds from there on, so there it stays.
  return systemTexts(content, `${path}.content`).flatMap(
    (text) => checkpointItems(text)?.map(plain) ?? [plain(developer(text))],
  );
}

/** Blocks of other kinds say nothing here. */
function systemTexts(system: unknown, path: string): readonly string[] {
  if (system === undefined || system === null) return [];
  return blocksOf(system, path)
    .filter(({ type }) => type === 'text')
    .map(textOf)
    .filter((text) => text !== '');
}

const developer = (text: string): Fields => ({
  type: 'message',
  role: 'developer',
  content: [{ type: 'input_text', text }],
});

const plain = (item: Fields): Replayed => ({ item });

/** Only the account that made it can read reasoning: of several, the one that spoke last can go on. */
function ofOneAccount(items: readonly Replayed[]): Pick<Conversation, 'input' | 'accountId'> {
  const accountId = items.findLast((held) => held.accountId !== undefined)?.accountId;
  const readable = items.filter((held) => held.accountId === undefined || held.accountId === accountId);
  return { input: readable.map(({ item }) => item), ...(accountId === undefined ? {} : { accountId }) };
}
