import { asFields, asText, type Fields } from '../../core/index.js';
import { invalid } from '../translation/checks/invalid.js';

const VERBOSITY: ReadonlySet<unknown> = new Set(['low', 'medium', 'high']);

/**
 * The `text` of a Responses request, from all that chat requests say about it; what the client puts in the backend's own
 * words (`text`) wins. Its schemas are still to be checked.
 *
 * @returns `undefined` when the client says nothing
 * @throws GatewayError `invalid_request`, and `unsupported_parameter` for a format that nobody knows
 */
export function chatText(body: Fields): unknown {
  const { text, verbosity, response_format: format } = body;
  if (verbosity !== undefined && !VERBOSITY.has(verbosity)) {
    throw invalid('verbosity', 'verbosity must be one of low, medium, high');
  }
  const own = asFields(text);
  if (text !== undefined && own === undefined) throw invalid('text', 'text must be an object');
  const said = {
    ...(verbosity === undefined ? {} : { verbosity }),
    ...(format === undefined ? {} : { format: formatOf(format) }),
    ...own,
  };
  return Object.keys(said).length === 0 ? undefined : said;
}

function formatOf(given: unknown): Fields {
  const format = asFields(given);
  if (format === undefined) throw invalid('response_format', 'response_format must be an object');
  const { type } = format;
  if (type === 'text' || type === 'json_object') return { type };
  if (type === 'json_schema') return schemaOf(format);
  throw invalid(
    'response_format',
    'response_format must be of type text, json_object or json_schema',
    'unsupported_parameter',
  );
}

/** Chat requests have name and schema one level deeper than Responses requests. */
function schemaOf(format: Fields): Fields {
  const param = 'response_format.json_schema';
  const given = 'json_schema' in format ? asFields(format['json_schema']) : format;
  if (given === undefined) throw invalid(param, `${param} must be an object`);
  const { schema, strict, description } = given;
  if (asFields(schema) === undefined) throw invalid(`${param}.schema`, `${param}.schema must be an object`);
  return {
    type: 'json_schema',
    name: asText(given['name']) ?? 'response',
    schema,
    ...(typeof strict === 'boolean' ? { strict } : {}),
    ...(typeof description === 'string' ? { description } : {}),
  };
}
