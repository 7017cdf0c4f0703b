import { asFields, asText, type Fields } from '../../../core/index.js';
import { calledAs, type DeclaredTools } from './declared-tools.js';
import { invalid } from './invalid.js';

const WORDS: ReadonlySet<unknown> = new Set(['auto', 'none', 'required']);
const MODES: ReadonlySet<unknown> = new Set(['auto', 'required']);
/** Built-in tools that may be asked for without being declared by the same type. */
const ALWAYS: ReadonlySet<unknown> = new Set(['image_generation', 'programmatic_tool_calling']);
const CALLABLE: ReadonlySet<unknown> = new Set(['function', 'custom']);

/**
 * A Responses `tool_choice`; `undefined` where the client was silent.
 *
 * @throws GatewayError `invalid_request` with param `tool_choice`
 */
export function checkedToolChoice(given: unknown, declared: DeclaredTools): unknown {
  if (given === undefined || given === null) return undefined;
  if (WORDS.has(given)) return given;
  const choice = asFields(given);
  if (choice === undefined) throw wrong('tool_choice must be auto, none, required, or an object');
  if (choice['type'] === 'allowed_tools') return allowedTools(choice, declared);
  if (CALLABLE.has(choice['type'])) requireDeclared(choice, declared.callable);
  else if (!hasOnly(choice, 'type') || !isBuiltIn(choice, declared))
    throw wrong('tool_choice names no tool of the request');
  return choice;
}

function allowedTools(choice: Fields, declared: DeclaredTools): Fields {
  const { mode, tools } = choice;
  if (!hasOnly(choice, 'type', 'mode', 'tools') || !MODES.has(mode)) {
    throw wrong('tool_choice.mode must be auto or required');
  }
  if (!Array.isArray(tools) || tools.length === 0) throw wrong('tool_choice.tools must be a list of tools');
  for (const entry of tools) {
    const tool = asFields(entry);
    if (tool === undefined) throw wrong('tool_choice.tools must be a list of tools');
    if (CALLABLE.has(tool['type'])) requireDeclared(tool, declared.allowable);
    else if (!hasOnly(tool, 'type') || !declared.builtIn.has(asText(tool['type']) ?? '')) {
      throw wrong('tool_choice.tools names a tool that the request does not declare');
    }
  }
  return choice;
}

function requireDeclared(tool: Fields, names: ReadonlySet<string>): void {
  if (!hasOnly(tool, 'type', 'name') || typeof tool['name'] !== 'string') {
    throw wrong('A tool in tool_choice is given by its type and name');
  }
  if (!names.has(calledAs(tool))) throw wrong('tool_choice names a tool that the request does not declare');
}

const isBuiltIn = ({ type }: Fields, { builtIn }: DeclaredTools): boolean =>
  typeof type === 'string' && (ALWAYS.has(type) || builtIn.has(type));

const hasOnly = (fields: Fields, ...names: readonly string[]): boolean =>
  Object.keys(fields).every((name) => names.includes(name));

const wrong = (message: string) => invalid('tool_choice', message);
