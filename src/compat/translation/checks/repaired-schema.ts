import { asFields, type Fields } from '../../../core/index.js';
import { isEvery } from './strict-schema.js';

/** Keywords under which schemas stand, each under a name or a number. */
const NESTED = ['properties', '$defs', 'definitions', 'anyOf'] as const;

/**
 * A strict schema whose inner nodes have the `type` that everything else in them says; never the root, and never where
 * it could be another. The schema itself when there is nothing to do.
 *
 * @param schema shallow enough to recurse into
 */
export function repairedSchema(schema: Fields): Fields {
  return withRepairedChildren(schema);
}

function repaired(schema: unknown): unknown {
  const node = asFields(schema);
  if (node === undefined || '$ref' in node) return schema;
  const type = 'type' in node ? undefined : evidentType(node);
  const children = withRepairedChildren(node);
  return type === undefined ? children : { type, ...children };
}

function evidentType(node: Fields): string | undefined {
  if ('anyOf' in node || 'enum' in node || 'const' in node) return undefined;
  const properties = asFields(node['properties']);
  const isArray = asFields(node['items']) !== undefined;
  if (properties === undefined) return isArray ? 'array' : undefined;
  const isClosed = node['additionalProperties'] === false && isEvery(node['required'], Object.keys(properties));
  return isClosed && !isArray ? 'object' : undefined;
}

function withRepairedChildren(node: Fields): Fields {
  const edits = NESTED.flatMap((name): [string, unknown][] => {
    const given = node[name];
    const children = Array.isArray(given) ? repairedList(given) : repairedValues(asFields(given));
    return children === undefined || children === given ? [] : [[name, children]];
  });
  if ('items' in node) {
    const items = repaired(node['items']);
    if (items !== node['items']) edits.push(['items', items]);
  }
  return edits.length === 0 ? node : { ...node, ...Object.fromEntries(edits) };
}

function repairedList(schemas: readonly unknown[]): readonly unknown[] {
  const after = schemas.map(repaired);
  return after.every((schema, index) => schema === schemas[index]) ? schemas : after;
}

function repairedValues(schemas: Fields | undefined): Fields | undefined {
  if (schemas === undefined) return undefined;
  const after = Object.entries(schemas).map(([name, schema]) => [name, repaired(schema)] as const);
  return after.every(([name, schema]) => schema === schemas[name]) ? schemas : Object.fromEntries(after);
}
