import type { IncomingHttpHeaders } from 'node:http';
import { type Fields, type Principal } from '../../core/index.js';
import { invalid, unsupported } from '../translation/checks/invalid.js';
import type { ModelFacts } from '../translation/model-facts.js';
import { subagentHeaders } from '../translation/subagent-headers.js';
import type { Translated } from '../translation/translated.js';
import { textSettings } from './decode-format.js';
import { conversationOf } from './decode-messages.js';
import { thinkingOf } from './decode-reasoning.js';
import { conversing } from './decode-session.js';
import { toolChoiceOf, toolsOf } from './decode-tools.js';
import type { SealedThinking } from './sealed-thinking.js';
import { ToolNames } from './tool-names.js';

const MAX_STOP_SEQUENCES = 64;
const MAX_STOP_LENGTH = 1_000;

/** What a request is decoded with. */
export interface Served {
  /** Of the backend. */
  readonly model: string;
  readonly facts: ModelFacts;
  readonly thinking: SealedThinking;
}

/** A request, and what its answer has to be like. */
export interface DecodedMessages {
  readonly translated: Translated;
  /** As the client named it. */
  readonly model: string;
  readonly names: ToolNames;
  readonly stopSequences: readonly string[];
  /** The client asked to see how the model thinks, and sends that back. */
  readonly wantsThinking: boolean;
}

/**
 * A Messages request. What the backend has no word for, and what does no harm when it is left out, is left out: Claude
 * Code sends much of that.
 *
 * @throws GatewayError with the field that is wrong, or that cannot be honoured
 */
export function decodeMessages(
  body: Fields,
  headers: IncomingHttpHeaders,
  caller: Pick<Principal, 'keyId'>,
  { model, facts, thinking: sealed }: Served,
): DecodedMessages {
  if (Array.isArray(body['mcp_servers']) && body['mcp_servers'].length > 0) throw unsupported('mcp_servers');
  const names = new ToolNames();
  const thinking = thinkingOf(body, model, facts);
  const { cacheKey, session } = conversing(body, headers, caller.keyId);
  const { system, input, accountId } = conversationOf(body, { names, reasoned: (given) => sealed.open(given) });
  const fields = {
    tools: toolsOf(body['tools'], names),
    ...toolChoiceOf(body['tool_choice'], names),
    reasoning: thinking.reasoning,
    text: textSettings(body),
    service_tier: tierOf(body),
    prompt_cache_key: cacheKey,
    max_output_tokens: body['max_tokens'],
    client_metadata: body['client_metadata'] ?? undefined,
  };
  return {
    translated: {
      wanted: { model, input, instructions: system.join('\n\n'), fields },
      stream: body['stream'] === true,
      headers: subagentHeaders(body, headers),
      ...(session === undefined ? {} : { session }),
      ...(accountId === undefined ? {} : { accountId }),
    },
    model: typeof body['model'] === 'string' ? body['model'] : model,
    names,
    stopSequences: stopSequencesOf(body['stop_sequences']),
    wantsThinking: thinking.wanted,
  };
}

/** `auto` and `standard_only` are Anthropic's words for what is the backend's default. */
function tierOf({ speed, service_tier: tier }: Fields): unknown {
  if (speed === 'fast') return 'priority';
  return tier === 'standard_only' ? undefined : (tier ?? undefined);
}

function stopSequencesOf(given: unknown): readonly string[] {
  if (given === undefined || given === null) return [];
  const list: readonly unknown[] = Array.isArray(given) ? given : [undefined];
  const sequences = list.filter((item) => typeof item === 'string' && item.length <= MAX_STOP_LENGTH) as string[];
  if (sequences.length === list.length && list.length <= MAX_STOP_SEQUENCES) return sequences;
  throw invalid(
    'stop_sequences',
    `stop_sequences: must be a list of at most ${MAX_STOP_SEQUENCES} texts of at most ${MAX_STOP_LENGTH} characters`,
  );
}
