import {
  GatewayError,
  sseFrame,
  SseFramer,
  terminalOf,
  type EventBatch,
  type ResponseEvent,
  type TerminalKind,
} from '../../core/index.js';
import type { AnswerPart } from '../../exchange/index.js';

/** What a client needs of the item; the rest of it is the provider's own. */
interface CompactionItem {
  readonly type: 'compaction';
  readonly encrypted_content: string;
  readonly id?: string;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * A compaction's answer as exactly two events: the one compaction item, and the completed response that holds nothing
 * else. Codex clients refuse an answer with none or two, and the upstream may put reasoning and notices beside it. Nothing
 * is given out before the terminal event, except the head. A response that failed or was cut short passes as it ended.
 * Source: codex-cli-wire §7, runtime contract §7.4.
 *
 * @throws GatewayError `invalid_compaction_response` when the response completed without such an item
 */
export async function* onlyCompaction(parts: AsyncIterable<AnswerPart>): AsyncGenerator<AnswerPart> {
  let item: CompactionItem | undefined;
  let ended = false;
  for await (const part of parts) {
    if (part.kind === 'head') yield part;
    else if (!ended) {
      item ??= first(part.events.flatMap(itemDone));
      // The exchange cuts a batch off after its terminal event, so only the last one can be it.
      const last = part.events.at(-1);
      const terminal = last && terminalOf(last);
      if (!terminal) continue;
      ended = true;
      yield { kind: 'batch', ...lastWord(last, terminal, item) };
    }
  }
  if (!ended) throw unusable();
}

function lastWord(event: ResponseEvent, terminal: TerminalKind, seen: CompactionItem | undefined): EventBatch {
  if (terminal.outcome !== 'completed') return { raw: event.raw, events: [event] };
  const item = seen ?? first(itemsIn(terminal.response, event.json()));
  if (item === undefined) throw unusable();
  return framed([
    { type: 'response.output_item.done', item },
    { type: 'response.completed', response: responseOf(item, terminal) },
  ]);
}

const responseOf = (item: CompactionItem, { response, usage }: TerminalKind): object => ({
  id: typeof response?.['id'] === 'string' ? response['id'] : 'resp_compaction',
  status: 'completed',
  output: [item],
  ...(usage === undefined ? {} : { usage }),
});

interface OwnEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

function framed(events: readonly OwnEvent[]): EventBatch {
  const bytes = Buffer.from(events.map((event) => sseFrame(event.type, event)).join(''));
  const batch = new SseFramer().push(bytes);
  if (batch === undefined) throw unusable();
  return batch;
}

const itemDone = (event: ResponseEvent): CompactionItem[] =>
  event.type === 'response.output_item.done' ? itemOf(fields(event.json())?.['item']) : [];

/** In the terminal event: among the output, or beside it. */
const itemsIn = (response: Fields | undefined, event: unknown): CompactionItem[] => [
  ...(Array.isArray(response?.['output']) ? response['output'].flatMap(itemOf) : []),
  ...[response, fields(event)].flatMap((holder) => summaryOf(holder?.['compaction_summary'])),
];

function itemOf(value: unknown): CompactionItem[] {
  const type = fields(value)?.['type'];
  return type === 'compaction' || type === 'compaction_summary' ? summaryOf(value) : [];
}

function summaryOf(value: unknown): CompactionItem[] {
  const { encrypted_content: content, id } = fields(value) ?? {};
  if (typeof content !== 'string') return [];
  return [{ type: 'compaction', encrypted_content: content, ...(typeof id === 'string' ? { id } : {}) }];
}

const first = (items: readonly CompactionItem[]): CompactionItem | undefined => items[0];

const fields = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;

const unusable = (): GatewayError =>
  new GatewayError('invalid_compaction_response', 'The upstream answered the compaction without its result.');
