import { asFields, type Fields } from '../../core/index.js';
import { textOf } from './decode-content.js';
import {
  ANY_ITEM,
  isNamed,
  isString,
  listAt,
  PASSTHROUGH,
  saidIn,
  wrong,
  type Check,
  type Shape,
} from './item-shape.js';

const PHASES: ReadonlySet<unknown> = new Set(['commentary', 'final_answer']);
const STATUSES: ReadonlySet<unknown> = new Set(['completed', 'incomplete', 'in_progress']);
const TEXT: ReadonlySet<unknown> = new Set(['text', 'output_text', 'input_text']);
/** What a model thought is not what it said. */
const THOUGHTS: ReadonlySet<unknown> = new Set(['thinking', 'redacted_thinking', 'reasoning', 'reasoning_text']);
const CITATION = ['type', 'start_index', 'end_index', 'url', 'title'] as const;

const isAnything: Check = () => true;

const MESSAGE: Shape = {
  required: {},
  optional: {
    ...ANY_ITEM,
    role: isString,
    content: isAnything,
    phase: (phase) => PHASES.has(phase),
    status: (status) => STATUSES.has(status),
    tool_calls: Array.isArray,
    // What the messages of chat completions, and of those who speak like them, say beside that.
    annotations: isAnything,
    audio: isAnything,
    name: isString,
    reasoning: isAnything,
    reasoning_content: isAnything,
    reasoning_details: isAnything,
    refusal: isString,
  },
};
const OUTPUT_TEXT: Shape = {
  required: { text: isString },
  // `parsed` is added by the SDKs for their user.
  optional: { annotations: Array.isArray, logprobs: Array.isArray, parsed: isAnything },
};

/**
 * What the model said and called, as the backend takes it back. Ids of items that nobody stored are left out (T2).
 *
 * @throws GatewayError with param `input`
 */
export function decodeAssistant(item: Fields, path: string): readonly Fields[] {
  const said = saidIn(item, MESSAGE, path);
  const calls = listAt(said['tool_calls'] ?? [], `${path}.tool_calls`).map(([call, at]) => callOf(call, said, at));
  if (said['content'] === undefined && calls.length > 0) return calls;
  const content = contentOf(said, path);
  const kept = ['phase', 'metadata', PASSTHROUGH].filter((name) => name in said);
  const message = {
    type: 'message',
    role: 'assistant',
    content,
    ...Object.fromEntries(kept.map((name) => [name, said[name]])),
  };
  return [message, ...calls];
}

function contentOf({ content, refusal }: Fields, path: string): readonly Fields[] {
  if (typeof content === 'string') return [{ type: 'output_text', text: content }];
  if (content === undefined && typeof refusal === 'string') return [{ type: 'refusal', refusal }];
  const parts = listAt(content, `${path}.content`);
  if (parts.length === 0) throw wrong(`${path}.content must not be empty`);
  const said = parts.filter(([part]) => !THOUGHTS.has(part['type']));
  return said.length === 0 ? [{ type: 'output_text', text: '' }] : said.map(([part, at]) => outputPart(part, at));
}

function outputPart(part: Fields, path: string): Fields {
  if (part['type'] === 'refusal' && isString(part['refusal'])) return { type: 'refusal', refusal: part['refusal'] };
  if (!TEXT.has(part['type'])) throw wrong(`${path}.type is not what an assistant says`);
  if (part['type'] !== 'output_text') return { type: 'output_text', text: textOf(part, path) };
  const { text, annotations = [] } = saidIn(part, OUTPUT_TEXT, path);
  const notes = listAt(annotations, `${path}.annotations`);
  for (const [note, at] of notes) requireCitation(note, at);
  return { type: 'output_text', text, ...(notes.length === 0 ? {} : { annotations }) };
}

function requireCitation(note: Fields, path: string): void {
  if (note['type'] !== 'url_citation') return;
  const isExact = Object.keys(note).length === CITATION.length && CITATION.every((name) => name in note);
  if (!isExact) throw wrong(`${path} must have exactly ${CITATION.join(', ')}`);
}

/** A call as chat completions put it: inside the message that makes it. */
function callOf(call: Fields, { metadata }: Fields, path: string): Fields {
  const id = [call['call_id'], call['id']].find(isNamed);
  if (id === undefined) throw wrong(`${path}.id is required`);
  const custom = asFields(call['custom']);
  const { name, arguments: args, input } = custom ?? asFields(call['function']) ?? call;
  if (!isNamed(name)) throw wrong(`${path} must name what is called`);
  const shared = { call_id: id, name, ...(metadata === undefined ? {} : { metadata }) };
  if (custom !== undefined && isString(input)) return { type: 'custom_tool_call', ...shared, input };
  if (custom !== undefined || !isString(args)) throw wrong(`${path} must hold the arguments of the call as a string`);
  return { type: 'function_call', ...shared, arguments: args };
}
