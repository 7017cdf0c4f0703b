import { asFields, type Fields } from '../../core/index.js';
import { invalid } from '../translation/checks/invalid.js';

/** The backend wants a name for every schema; Anthropic's have none. */
const NAME = 'response';

/**
 * `text` of the backend: the client's own, and the output format in it.
 *
 * @throws GatewayError `invalid_request`
 */
export function textSettings(body: Fields): Fields | undefined {
  const format = asFields(body['output_config'])?.['format'] ?? body['output_format'];
  const text = asFields(body['text']);
  if (format === undefined || format === null) return text;
  const { type, schema } = asFields(format) ?? {};
  if (type === 'text') return text;
  if (type !== 'json_schema') throw invalid('output_config.format', 'output_config.format.type: must be json_schema');
  if (asFields(schema) === undefined) {
    throw invalid('output_config.format', 'output_config.format.schema: must be a JSON schema object');
  }
  return { ...text, format: { type: 'json_schema', name: NAME, schema, strict: isStrict(schema) } };
}

/**
 * Whether the backend would hold the answer to the schema: it refuses to when an object leaves open what belongs into it.
 * JSON that deep was refused before, so this may recurse.
 */
function isStrict(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(isStrict);
  const fields = asFields(schema);
  if (fields === undefined) return true;
  const properties = asFields(fields['properties']);
  const isObject = fields['type'] === 'object' || properties !== undefined;
  if (isObject && !isClosed(fields, properties ?? {})) return false;
  return Object.values(fields).every(isStrict);
}

function isClosed({ additionalProperties, required }: Fields, properties: Fields): boolean {
  const named: readonly unknown[] = Array.isArray(required) ? required : [];
  return additionalProperties === false && Object.keys(properties).every((name) => named.includes(name));
}
