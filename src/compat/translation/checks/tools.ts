import { asFields, type Fields } from '../../../core/index.js';
import { calledAs, declaredTools, type DeclaredTools } from './declared-tools.js';
import { invalid } from './invalid.js';
import { loweredParameters } from './lowered-schema.js';
import { repairedSchema } from './repaired-schema.js';
import { requireStrictSchema } from './strict-schema.js';
import { toolWithKnownKeys } from './tool-keys.js';

/** The tools of a request as they go upstream, and what they declare. */
export interface CheckedTools {
  readonly tools: readonly Fields[];
  readonly declared: DeclaredTools;
}

interface Rules {
  /** Whether a strict schema that leaves out an obvious `type` gets it: on /v1/responses alone. */
  readonly repairs: boolean;
}

const CHILDREN: ReadonlySet<unknown> = new Set(['function', 'custom']);
const NO_PARAMETERS: Fields = { type: 'object', properties: {} };
const NO_STRICT_PARAMETERS: Fields = { ...NO_PARAMETERS, required: [], additionalProperties: false };

/**
 * Tools in the flat form of Responses requests: checked, and their schemas as the backend takes them.
 *
 * @param given absent: none
 * @throws GatewayError `invalid_request` with param `tools`, `invalid_function_parameters` with the path in the schema
 */
export function checkedTools(given: unknown, rules: Rules): CheckedTools {
  const tools = checkedList(given ?? [], 'tools', rules);
  return { tools, declared: declaredTools(tools) };
}

/** As `checkedTools`, for a list that stands elsewhere. @param param where, e.g. `input.0.tools` */
export function checkedList(given: unknown, param: string, rules: Rules): readonly Fields[] {
  if (!Array.isArray(given)) throw invalid('tools', `${param} must be a list`);
  const tools = given.map((tool, index) => checkedTool(tool, `${param}.${index}`, rules));
  requireDistinct(tools, param);
  return tools;
}

function checkedTool(given: unknown, path: string, rules: Rules): Fields {
  const fields = asFields(given);
  if (fields === undefined) throw invalid('tools', `${path} must be an object`);
  const tool = toolWithKnownKeys(fields, path);
  if (tool['type'] === 'function') return { ...tool, parameters: parametersOf(tool, `${path}.parameters`, rules) };
  return tool['type'] === 'namespace' ? { ...tool, tools: childrenOf(tool, path, rules) } : tool;
}

function parametersOf({ parameters, strict }: Fields, path: string, { repairs }: Rules): Fields {
  if (strict !== true) return parameters === undefined ? NO_PARAMETERS : loweredParameters(parameters);
  const schema = asFields(parameters) ?? NO_STRICT_PARAMETERS;
  const repaired = repairs ? repairedSchema(schema) : schema;
  requireStrictSchema(repaired, path, 'invalid_function_parameters');
  return repaired;
}

function childrenOf({ tools }: Fields, path: string, rules: Rules): readonly Fields[] {
  if (!Array.isArray(tools) || tools.length === 0) throw invalid('tools', `${path}.tools must hold tools`);
  if (!tools.every((tool) => CHILDREN.has(asFields(tool)?.['type']))) {
    throw invalid('tools', `${path}.tools may hold functions and custom tools`);
  }
  return checkedList(tools, `${path}.tools`, rules);
}

/** Nobody could tell which of two tools of one name is meant. */
function requireDistinct(tools: readonly Fields[], path: string): void {
  const callable = tools.filter(({ type }) => CHILDREN.has(type)).map(({ name }) => name);
  const spaces = tools.filter(({ type }) => type === 'namespace').map(calledAs);
  if (new Set(callable).size < callable.length) throw invalid('tools', `Two of ${path} have the same name`);
  if (new Set(spaces).size < spaces.length) throw invalid('tools', `Two namespaces of ${path} have the same name`);
}
