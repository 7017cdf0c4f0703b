import { asFields, asText, type Fields } from '../../../core/index.js';
import { invalid } from './invalid.js';

const CALLERS: ReadonlySet<unknown> = new Set(['direct', 'programmatic']);
const MAX_DOMAINS = 100;
const MAX_DOMAIN_LENGTH = 253;
/** One label of a domain name, RFC 1035. */
const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/i;

type Check = (given: unknown) => boolean;

const isAnything: Check = () => true;
const isBoolean: Check = (given) => typeof given === 'boolean';
const isString: Check = (given) => typeof given === 'string';
const isNamed: Check = (given) => (asText(given)?.trim() ?? '') !== '';
const isObject: Check = (given) => asFields(given) !== undefined;
const isCallers: Check = (given) => given === null || (Array.isArray(given) && given.every((one) => CALLERS.has(one)));
const isDomains: Check = (given) =>
  Array.isArray(given) && given.length >= 1 && given.length <= MAX_DOMAINS && given.every(isDomain);

function isDomain(given: unknown): boolean {
  if (typeof given !== 'string' || given.length > MAX_DOMAIN_LENGTH) return false;
  const labels = given.split('.');
  return labels.length > 1 && labels.every((label) => LABEL.test(label));
}

function isFilters(given: unknown): boolean {
  const filters = asFields(given);
  return (
    filters !== undefined &&
    Object.entries(filters).every(
      ([name, domains]) => (name === 'allowed_domains' || name === 'blocked_domains') && isDomains(domains),
    )
  );
}

function isFormat(given: unknown): boolean {
  const format = asFields(given);
  if (format?.['type'] === 'text') return Object.keys(format).length === 1;
  if (format?.['type'] !== 'grammar') return false;
  const isKnown = format['syntax'] === 'lark' || format['syntax'] === 'regex';
  return isKnown && isString(format['definition']) && Object.keys(format).length === 3;
}

const SEARCH = { search_context_size: isString, user_location: isObject };

/** What each kind of tool may say beside its `type`. Source: runtime contract §10.2.4, and what Codex CLIs send. */
const KEYS: ReadonlyMap<unknown, Readonly<Record<string, Check>>> = new Map<unknown, Readonly<Record<string, Check>>>([
  [
    'function',
    {
      name: isNamed,
      description: isString,
      parameters: isObject,
      strict: isBoolean,
      defer_loading: isBoolean,
      allowed_callers: isCallers,
      output_schema: isObject,
    },
  ],
  [
    'custom',
    {
      name: isNamed,
      description: isString,
      format: isFormat,
      defer_loading: isBoolean,
      allowed_callers: isCallers,
    },
  ],
  ['namespace', { name: isNamed, description: isNamed, tools: Array.isArray }],
  [
    'web_search',
    {
      ...SEARCH,
      external_web_access: isBoolean,
      index_gated_web_access: (given) => given === true,
      filters: isFilters,
      search_content_types: Array.isArray,
    },
  ],
  ['web_search_preview', SEARCH],
  ['programmatic_tool_calling', {}],
  ['tool_search', { execution: isAnything, description: isString, parameters: isObject }],
  [
    'image_generation',
    {
      action: isString,
      background: isString,
      input_fidelity: isString,
      input_image_mask: isObject,
      model: isString,
      moderation: isString,
      output_compression: isAnything,
      output_format: isString,
      partial_images: isAnything,
      quality: isString,
      size: isString,
    },
  ],
]);

/** Of them `null` means that they are not there; any other `null` is a mistake. */
const NULLABLE: readonly string[] = ['strict', 'allowed_callers'];
/** Of the tools that have them. */
const REQUIRED = ['name', 'tools'] as const;

/**
 * One tool, without the fields that are `null` where that means nothing.
 *
 * @param path where it stands, e.g. `tools[2]`
 * @throws GatewayError `invalid_request` with param `tools`
 */
export function toolWithKnownKeys(tool: Fields, path: string): Fields {
  const checks = KEYS.get(tool['type']);
  if (checks === undefined) throw invalid('tools', refusal(tool['type'], path));
  const said = withoutNulls(tool);
  for (const name of Object.keys(said)) {
    if (name === 'type') continue;
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined) throw invalid('tools', `${path} has a field that is not known for this type of tool`);
    if (!check(said[name])) throw invalid('tools', `${path}.${name} is not valid`);
  }
  for (const name of REQUIRED) {
    if (name in checks && said[name] === undefined) throw invalid('tools', `${path}.${name} is required`);
  }
  if (said['index_gated_web_access'] === true && said['external_web_access'] !== true) {
    throw invalid('tools', `${path}.index_gated_web_access needs external_web_access`);
  }
  return said;
}

function withoutNulls(tool: Fields): Fields {
  if (!NULLABLE.some((name) => tool[name] === null)) return tool;
  return Object.fromEntries(Object.entries(tool).filter(([name, value]) => value !== null || !NULLABLE.includes(name)));
}

const refusal = (type: unknown, path: string): string =>
  type === 'mcp' ? `${path}: remote MCP tools are not supported` : `${path}.type is not a supported type of tool`;
