import { asFields, type ErrorCode, type Fields } from '../../../core/index.js';
import { invalid } from './invalid.js';
import { SchemaRefs } from './schema-refs.js';

type SchemaError = Extract<ErrorCode, 'invalid_json_schema' | 'invalid_function_parameters'>;

const TYPES: ReadonlySet<unknown> = new Set(['null', 'boolean', 'object', 'array', 'number', 'integer', 'string']);
/** Of the properties of one object, or of its definitions: more than any model is given. */
export const MAX_NAMES = 10_000;
const DEFINITIONS = ['$defs', 'definitions'] as const;
/** A node that has one of them says what it takes without a `type`; whether it may, the upstream knows. */
const INSTEAD_OF_TYPE = ['anyOf', 'allOf', 'oneOf', 'enum', 'const', 'not'] as const;

/**
 * A schema that the model has to keep to has a form of its own. What the backend would refuse is said here, with the
 * exact place, before anything is sent. Source: runtime contract §10.2.6.
 *
 * @param path where the schema stands in the request, e.g. `text.format.schema`
 * @throws GatewayError `code` with the path of what is wrong
 */
export function requireStrictSchema(schema: unknown, path: string, code: SchemaError): void {
  const fields = asFields(schema);
  if (fields === undefined) throw invalid(path, `${path} must be a JSON schema`, code);
  new StrictSchema(fields, code).requireRoot(path);
}

class StrictSchema {
  private readonly refs: SchemaRefs;

  constructor(
    private readonly root: Fields,
    private readonly code: SchemaError,
  ) {
    this.refs = new SchemaRefs(root);
  }

  requireRoot(path: string): void {
    for (const name of ['$ref', 'anyOf']) {
      if (name in this.root) throw this.wrong(`${path}.${name}`, `a strict schema must not have ${name} at its root`);
    }
    if (this.root['type'] !== 'object')
      throw this.wrong(`${path}.type`, 'a strict schema must be an object at its root');
    this.requireNode(this.root, path);
  }

  private requireNode(schema: unknown, path: string): void {
    const node = asFields(schema);
    if (node === undefined) throw this.wrong(path, 'a JSON schema must be an object');
    if ('$ref' in node) return this.requireRef(node, path);
    const types = this.typesOf(node, path);
    if (types.includes('object')) this.requireClosed(node, path);
    for (const name of DEFINITIONS) this.requireEach(node[name], `${path}.${name}`);
    this.requireEach(node['properties'], `${path}.properties`);
    if ('items' in node) this.requireNode(node['items'], `${path}.items`);
    if ('anyOf' in node) this.requireChoices(node['anyOf'], `${path}.anyOf`);
  }

  private requireRef(node: Fields, path: string): void {
    if (Object.keys(node).length > 1) throw this.wrong(path, '$ref must stand alone');
    if (!this.refs.leadsToSchema(node['$ref'])) {
      throw this.wrong(`${path}.$ref`, '$ref must lead to a schema in $defs or definitions');
    }
  }

  private typesOf(node: Fields, path: string): readonly unknown[] {
    const { type } = node;
    if (type === undefined && INSTEAD_OF_TYPE.some((name) => name in node)) return [];
    const types: readonly unknown[] = Array.isArray(type) ? type : [type];
    const known = types.length > 0 && types.every((name) => TYPES.has(name));
    if (!known || new Set(types).size !== types.length) {
      throw this.wrong(`${path}.type`, 'type must be given, known, and no type twice');
    }
    return types;
  }

  private requireClosed(node: Fields, path: string): void {
    if (node['additionalProperties'] !== false) {
      throw this.wrong(
        `${path}.additionalProperties`,
        'an object of a strict schema needs additionalProperties: false',
      );
    }
    const properties = node['properties'] ?? {};
    if (asFields(properties) === undefined) throw this.wrong(`${path}.properties`, 'properties must be an object');
    if (!isEvery(node['required'] ?? [], Object.keys(properties))) {
      throw this.wrong(`${path}.required`, 'required must name every property, and nothing else');
    }
  }

  private requireEach(schemas: unknown, path: string): void {
    if (schemas === undefined) return;
    const fields = asFields(schemas);
    if (fields === undefined) throw this.wrong(path, 'schemas by name must be an object');
    const entries = Object.entries(fields);
    if (entries.length > MAX_NAMES) throw this.wrong(path, `an object may name at most ${MAX_NAMES} schemas`);
    for (const [name, schema] of entries) this.requireNode(schema, `${path}.${name}`);
  }

  private requireChoices(choices: unknown, path: string): void {
    if (!Array.isArray(choices) || choices.length === 0) throw this.wrong(path, 'anyOf must be a list of schemas');
    choices.forEach((choice, index) => this.requireNode(choice, `${path}.${index}`));
  }

  private wrong(path: string, why: string) {
    return invalid(path, `Invalid strict schema: ${why}`, this.code);
  }
}

/** Whether a list holds each of the names once and nothing else. */
export function isEvery(list: unknown, names: readonly string[]): boolean {
  if (!Array.isArray(list) || list.length !== names.length) return false;
  const listed = new Set<unknown>(list);
  return listed.size === names.length && names.every((name) => listed.has(name));
}
