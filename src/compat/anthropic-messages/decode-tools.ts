import { asFields, asText, type Fields } from '../../core/index.js';
import { invalid } from '../translation/checks/invalid.js';
import type { ToolNames } from './tool-names.js';

/** Tools that the client runs itself are functions, whatever else they are called. */
const OWN_TYPES: ReadonlySet<unknown> = new Set([undefined, null, 'custom', 'function']);

/**
 * The client's tools as functions; those without a name are left out. What Anthropic would run itself cannot be had here.
 *
 * @throws GatewayError `invalid_request`, `unsupported_parameter` for a tool of Anthropic's own
 */
export function toolsOf(tools: unknown, names: ToolNames): readonly Fields[] | undefined {
  if (tools === undefined || tools === null) return undefined;
  if (!Array.isArray(tools)) throw invalid('tools', 'tools: must be a list of tools');
  return tools.flatMap((given: unknown, at) => {
    const path = `tools.${at}`;
    const tool = asFields(given);
    if (tool === undefined) throw invalid(path, `${path}: must be a tool`);
    if (!OWN_TYPES.has(tool['type'])) {
      const message = `${path}.type: tools of this type are not supported here; only tools with an input_schema are`;
      throw invalid(`${path}.type`, message, 'unsupported_parameter');
    }
    const name = asText(tool['name']);
    return name === undefined ? [] : [functionOf(tool, names.sent(name), path)];
  });
}

function functionOf(tool: Fields, name: string, path: string): Fields {
  const { description, input_schema: schema } = tool;
  const given = schema === undefined || schema === null ? {} : asFields(schema);
  if (given === undefined) throw invalid(`${path}.input_schema`, `${path}.input_schema: must be a JSON schema object`);
  const { $schema, ...parameters } = given;
  return {
    type: 'function',
    name,
    ...(typeof description === 'string' ? { description } : {}),
    // The backend refuses an object of which no properties are said.
    parameters: { type: 'object', ...('anyOf' in parameters ? {} : { properties: {} }), ...parameters },
    strict: false,
  };
}

/** `tool_choice` and `parallel_tool_calls` of the backend. @throws GatewayError `invalid_request` */
export function toolChoiceOf(choice: unknown, names: ToolNames): Fields {
  if (choice === undefined || choice === null) return {};
  const fields = asFields(choice);
  const parallel = fields?.['disable_parallel_tool_use'] === true ? { parallel_tool_calls: false } : {};
  return { tool_choice: chosen(fields ?? {}, names), ...parallel };
}

const CHOICES: Readonly<Record<string, string>> = { auto: 'auto', any: 'required', none: 'none' };

function chosen({ type, name }: Fields, names: ToolNames): unknown {
  if (type === 'tool') {
    const tool = asText(name);
    if (tool === undefined) throw invalid('tool_choice.name', 'tool_choice.name: must be the name of a tool');
    return { type: 'function', name: names.sent(tool) };
  }
  const word = typeof type === 'string' && Object.hasOwn(CHOICES, type) ? CHOICES[type] : undefined;
  if (word === undefined) throw invalid('tool_choice.type', 'tool_choice.type: must be auto, any, tool or none');
  return word;
}
