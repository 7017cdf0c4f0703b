import { asFields, type Fields } from '../../core/index.js';
import { invalid } from '../translation/checks/invalid.js';
import { withoutNulls } from './known-fields.js';

/** What a chat request says of tools, in the flat form of Responses requests; still to be checked. */
export interface ChatTools {
  /** Absent: none. */
  readonly tools?: unknown;
  /** Absent: the client was silent. */
  readonly toolChoice?: unknown;
  /** It says so in the words from before there were tools, and only in those. */
  readonly legacyFunctions: boolean;
}

/** @throws GatewayError `invalid_request` with the field that is wrong */
export function chatTools(body: Fields): ChatTools {
  const { tools, functions, tool_choice: choice, function_call: call } = body;
  if (tools !== undefined && !Array.isArray(tools)) throw invalid('tools', 'tools must be a list');
  if (functions !== undefined && !Array.isArray(functions)) throw invalid('functions', 'functions must be a list');
  const given: readonly unknown[] = (tools ?? []) as readonly unknown[];
  const legacy: readonly unknown[] = (functions ?? []) as readonly unknown[];
  const current = given.map(flatTool);
  const all = [...current, ...withoutNamesOf(current, legacy.map(toolOfFunction))];
  const toolChoice = choice === undefined ? choiceOfFunction(call) : flatChoice(choice);
  return {
    ...(all.length === 0 ? {} : { tools: all }),
    ...(toolChoice === undefined ? {} : { toolChoice }),
    legacyFunctions: legacy.length > 0 && given.length === 0,
  };
}

function flatTool(given: unknown): unknown {
  const tool = asFields(given);
  if (tool?.['type'] === 'function') return flatFunction(tool);
  return tool?.['type'] === 'custom' ? flatCustom(tool) : given;
}

function flatFunction(tool: Fields): Fields {
  const nested = asFields(tool['function']);
  const { type: _, function: __, ...flat } = tool;
  return { ...withoutNulls(nested ?? flat), type: 'function' };
}

function flatCustom(tool: Fields): Fields {
  const nested = asFields(tool['custom']);
  if (nested === undefined) return tool;
  const { format, ...rest } = withoutNulls(nested);
  return { ...rest, type: 'custom', ...(format === undefined ? {} : { format: flatGrammar(format) }) };
}

/** Chat requests have the grammar one level deeper than Responses requests. */
function flatGrammar(format: unknown): unknown {
  const grammar = asFields(asFields(format)?.['grammar']);
  return grammar === undefined ? format : { ...grammar, type: 'grammar' };
}

function toolOfFunction(given: unknown, index: number): Fields {
  const fields = asFields(given);
  if (fields === undefined) throw invalid(`functions.${index}`, `functions.${index} must be an object`);
  return flatFunction({ function: fields });
}

/** Clients of both generations say the same function twice. */
function withoutNamesOf(tools: readonly unknown[], functions: readonly Fields[]): readonly Fields[] {
  const names = new Set(tools.map((tool) => asFields(tool)?.['name']));
  return functions.filter(({ name }) => !names.has(name));
}

/** A named tool is `{type, name}`; the backend refuses chat's own form (T6). */
function flatChoice(given: unknown): unknown {
  const choice = asFields(given);
  if (choice === undefined) return given;
  const { type } = choice;
  if (type === 'allowed_tools') throw invalid('tool_choice', 'tool_choice cannot be a list of allowed tools here');
  const nested = type === 'function' || type === 'custom' ? asFields(choice[type]) : undefined;
  return nested === undefined ? given : { type, name: nested['name'] };
}

function choiceOfFunction(given: unknown): unknown {
  if (given === undefined || given === 'none' || given === 'auto') return given;
  const name = asFields(given)?.['name'];
  if (typeof name === 'string') return { type: 'function', name };
  throw invalid('function_call', 'function_call must be none, auto, or the name of a function in an object');
}
