import { asFields, asFieldsList, type Fields } from '../../core/index.js';
import { asksForCompaction } from '../codex-backend/compaction.js';
import { declaredTools, type DeclaredTools } from '../translation/checks/declared-tools.js';
import { reasoningOf } from '../translation/checks/reasoning.js';
import { checkedText } from '../translation/checks/text-format.js';
import { checkedToolChoice } from '../translation/checks/tool-choice.js';
import { checkedTools } from '../translation/checks/tools.js';
import { modelName } from '../translation/model-name.js';
import { requireShallow } from '../translation/nesting.js';
import { NEUTRAL_INSTRUCTIONS, type WantedResponse } from '../translation/responses-body.js';
import { subagentHeaders } from '../translation/subagent-headers.js';
import { previousResponseId, requireKnownFields, requireServedFields, scalarFields } from './decode-fields.js';
import { inputItems, liftedInput, type LiftedInput } from './decode-input.js';
import type { DecodeContext, DecodedResponse } from './decoded.js';
import { wrong } from './item-shape.js';
import { withReferred } from './stored-references.js';

const NONE: ReadonlyMap<string, readonly Fields[]> = new Map();
/** How Codex CLIs say that tools and instructions stand in the input, as some models want them. */
const LITE = 'x-openai-internal-codex-responses-lite';

/**
 * A `/v1/responses` request, or one turn of its websocket, in the backend's terms. What `previous_response_id` means is
 * the caller's to know: the earlier items come in the context, or the field is added for the upstream.
 *
 * @throws GatewayError with the field that is wrong
 */
export function decodeResponses(body: Fields, context: DecodeContext): DecodedResponse {
  requireShallow(body);
  requireKnownFields(body);
  const model = modelName(body['model'], context.pool);
  requireServedFields(body);
  const own = withReferred(inputItems(body['input']), context.referred ?? NONE);
  const continues = previousResponseId(body) !== undefined && context.transport === 'websocket';
  const lifted = liftedInput([...(context.before ?? []), ...own]);
  requireResolvable(lifted.input, continues);
  const folds = foldsIn(lifted.input, continues);
  const { declared, ...fields } = fieldsOf(body, lifted.input);
  const { instructions, stream, ...scalars } = scalarFields(body);
  return {
    wanted: {
      model,
      input: lifted.input,
      ...instructionsOf(typeof instructions === 'string' ? instructions : undefined, lifted, continues),
      fields: { ...fields, ...scalars },
    },
    stream: stream === true,
    headers: { ...subagentHeaders(body, context.headers), ...liteHeader(lifted.input, context) },
    own,
    folds,
    store: body['store'] !== false,
    namespaces: declared.namespaces,
  };
}

function fieldsOf(body: Fields, input: readonly unknown[]): Fields & { readonly declared: DeclaredTools } {
  const { tools } = checkedTools(body['tools'], { repairs: true });
  const text = checkedText(body['text']);
  const inInput = input.filter(isAdditionalTools).flatMap((item) => asFieldsList(asFields(item)?.['tools']));
  const declared = declaredTools([...tools, ...inInput]);
  const choice = checkedToolChoice(body['tool_choice'], declared);
  const reasoning = reasoningOf(body['reasoning']);
  return {
    declared,
    ...(Array.isArray(body['tools']) ? { tools } : {}),
    ...(choice === undefined ? {} : { tool_choice: choice }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(text === undefined ? {} : { text }),
  };
}

/** What is left of references: an upstream socket may hold what they name, and only a tool's result can need it. */
function requireResolvable(input: readonly unknown[], continues: boolean): void {
  const types = new Set(input.map((item) => asFields(item)?.['type']));
  if (!types.has('item_reference')) return;
  if (!continues) {
    throw wrong('input has an item_reference, which cannot be looked up: send the item itself (store: false in SDKs)');
  }
  if (![...types].some((type) => typeof type === 'string' && type.endsWith('_output'))) {
    throw wrong('input has an item_reference but no result of a tool');
  }
}

function foldsIn(input: readonly unknown[], continues: boolean): boolean {
  const folds = asksForCompaction(input, continues);
  if (folds && input.length === 1 && !continues) throw wrong('compaction_trigger needs something before it');
  return folds;
}

/**
 * A client that instructs the model in its input needs nothing of ours beside it. Codex CLIs send no instructions at all
 * when their tools stand in the input, nor when a turn goes on from what the upstream socket holds.
 */
function instructionsOf(
  given: string | undefined,
  { instructions, input }: LiftedInput,
  continues: boolean,
): Pick<WantedResponse, 'instructions' | 'bare'> {
  const said = [...(given === undefined || given === '' ? [] : [given]), ...instructions].join('\n');
  if (said.trim() !== '') return { instructions: said };
  if (continues || hasAdditionalTools(input)) return { bare: true };
  const isInstructed = input.some((item) => asFields(item)?.['role'] === 'developer');
  return isInstructed ? { instructions: NEUTRAL_INSTRUCTIONS } : {};
}

function liteHeader(input: readonly unknown[], { headers }: DecodeContext): Record<string, string> {
  return headers[LITE] === 'true' && hasAdditionalTools(input) ? { [LITE]: 'true' } : {};
}

const hasAdditionalTools = (input: readonly unknown[]): boolean => input.some(isAdditionalTools);

const isAdditionalTools = (item: unknown): boolean => asFields(item)?.['type'] === 'additional_tools';
