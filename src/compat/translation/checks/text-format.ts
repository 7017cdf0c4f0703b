import { asFields, asText, type Fields } from '../../../core/index.js';
import { invalid } from './invalid.js';
import { requireStrictSchema } from './strict-schema.js';

const VERBOSITIES: ReadonlySet<unknown> = new Set(['low', 'medium', 'high']);
const KEYS: ReadonlySet<string> = new Set(['format', 'verbosity']);
const SCHEMA_KEYS: ReadonlySet<string> = new Set(['type', 'name', 'schema', 'description', 'strict']);

/**
 * The `text` object of a Responses request (`format`, `verbosity`); `undefined` where there is none.
 *
 * @throws GatewayError `invalid_request`, `invalid_json_schema` with the path in the schema
 */
export function checkedText(given: unknown): Fields | undefined {
  if (given === undefined || given === null) return undefined;
  const text = asFields(given);
  if (text === undefined) throw invalid('text', 'text must be an object');
  const unknown = Object.keys(text).find((name) => !KEYS.has(name));
  if (unknown !== undefined) throw invalid(`text.${unknown}`, 'text takes format and verbosity');
  const { verbosity, format } = text;
  if (isSaid(verbosity) && !VERBOSITIES.has(verbosity)) {
    throw invalid('text.verbosity', 'text.verbosity must be one of low, medium, high');
  }
  return {
    ...(isSaid(verbosity) ? { verbosity } : {}),
    ...(isSaid(format) ? { format: checkedFormat(format) } : {}),
  };
}

function checkedFormat(given: unknown): Fields {
  const format = asFields(given);
  const type = format?.['type'];
  if (format !== undefined && type === 'json_schema') return jsonSchemaFormat(format);
  if (type === 'text' || type === 'json_object') return { type };
  throw invalid('text.format.type', 'text.format.type must be one of text, json_object, json_schema');
}

function jsonSchemaFormat(format: Fields): Fields {
  const { name, schema, strict, description } = format;
  const unknown = Object.keys(format).find((key) => !SCHEMA_KEYS.has(key));
  if (unknown !== undefined) throw invalid(`text.format.${unknown}`, 'text.format has a field that is not known');
  if (asText(name) === undefined) throw invalid('text.format.name', 'text.format.name must be a string');
  if (asFields(schema) === undefined) throw invalid('text.format.schema', 'text.format.schema must be an object');
  if (isSaid(strict) && typeof strict !== 'boolean') {
    throw invalid('text.format.strict', 'text.format.strict must be a boolean');
  }
  if (isSaid(description) && typeof description !== 'string') {
    throw invalid('text.format.description', 'text.format.description must be a string');
  }
  if (strict === true) requireStrictSchema(schema, 'text.format.schema', 'invalid_json_schema');
  return {
    type: 'json_schema',
    name,
    schema,
    ...(isSaid(description) ? { description } : {}),
    ...(isSaid(strict) ? { strict } : {}),
  };
}

const isSaid = (value: unknown): boolean => value !== undefined && value !== null;
