import { asFields, type Fields } from '../../../core/index.js';
import { invalid } from './invalid.js';
import { MAX_NAMES } from './strict-schema.js';

type Carry = (given: unknown) => unknown;

/** How each keyword that the backend takes is carried over; every other one is left out. Source: runtime contract §6.4. */
const KEYWORDS: ReadonlyMap<string, Carry> = new Map<string, Carry>([
  ['description', textOf],
  ['type', (given) => given],
  ['enum', listOf],
  ['required', listOf],
  ['properties', eachLowered],
  ['items', (given) => (Array.isArray(given) ? { anyOf: allLowered(given) } : schemaIn(given))],
  ['additionalProperties', (given) => (typeof given === 'boolean' ? given : schemaIn(given))],
  ['anyOf', allLowered],
  ['oneOf', allLowered],
  ['allOf', allLowered],
  ['$defs', eachLowered],
  ['definitions', eachLowered],
]);

/**
 * The parameters of a function that is not strict, in the part of JSON Schema that the backend takes. What stands under
 * `properties` are names of the client's, whatever they are called.
 *
 * @param schema shallow enough to recurse into
 * @throws GatewayError `invalid_request` with param `tools` for one beyond all measure
 */
export function loweredParameters(schema: unknown): Fields {
  return lowered(schema, 'object');
}

/** @param otherwise the type where neither the schema says it nor its keywords give it away */
function lowered(schema: unknown, otherwise?: string): Fields {
  // `true` and `false` are schemas too.
  const fields = asFields(schema) ?? {};
  if (typeof fields['$ref'] === 'string') return fields;
  const kept: Record<string, unknown> = 'const' in fields ? { enum: [fields['const']] } : {};
  for (const name of Object.keys(fields)) {
    const value = KEYWORDS.get(name)?.(fields[name]);
    if (value !== undefined) kept[name] = value;
  }
  return { ...kept, ...besideType(kept['type'] ?? typeGivenAwayBy(kept) ?? otherwise, kept) };
}

/** What the backend wants to see beside a type. */
function besideType(type: unknown, { properties = {}, items = {} }: Fields): Fields {
  const is = (name: string): boolean => type === name || (Array.isArray(type) && type.includes(name));
  return {
    ...(type === undefined ? {} : { type }),
    ...(is('object') ? { properties } : {}),
    ...(is('array') ? { items } : {}),
  };
}

function typeGivenAwayBy(schema: Fields): string | undefined {
  if ('properties' in schema || 'required' in schema || 'additionalProperties' in schema) return 'object';
  return 'items' in schema ? 'array' : undefined;
}

function textOf(given: unknown): string | undefined {
  return typeof given === 'string' ? given : undefined;
}

function listOf(given: unknown): readonly unknown[] | undefined {
  return Array.isArray(given) ? (given as unknown[]) : undefined;
}

function schemaIn(given: unknown): Fields | undefined {
  return typeof given === 'object' || typeof given === 'boolean' ? lowered(given) : undefined;
}

function allLowered(given: unknown): readonly Fields[] | undefined {
  return listOf(given)?.map((schema) => lowered(schema));
}

function eachLowered(given: unknown): Fields | undefined {
  const schemas = asFields(given);
  if (schemas === undefined) return undefined;
  const names = Object.keys(schemas);
  if (names.length > MAX_NAMES) throw invalid('tools', `A schema may have at most ${MAX_NAMES} properties`);
  return Object.fromEntries(names.map((name) => [name, lowered(schemas[name])]));
}
