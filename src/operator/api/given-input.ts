import { z } from 'zod';
import { invalidField, type Operation } from '../../control/index.js';

type Json = Readonly<Record<string, unknown>>;

/** What a request gives an operation. The path wins over everything: what it names cannot be named again. */
export function givenInput(
  { input, method }: Pick<Operation, 'input' | 'method'>,
  path: Readonly<Record<string, string>>,
  query: Readonly<Record<string, string | readonly string[]>>,
  body: Json,
): Json {
  const asks = method === 'GET' || method === 'DELETE';
  // What is not heard there would mislead, and a secret in a query is in every log on its way.
  const [misplaced] = Object.keys(asks ? body : query);
  if (misplaced !== undefined)
    throw invalidField(misplaced, asks ? 'belongs into the query' : 'belongs into the JSON body');
  const types = typesOf(input);
  const given = asks
    ? Object.entries(query).map(([name, value]) => [name, coerced(value, types.get(name))] as const)
    : Object.entries(body);
  const twice = given.find(([name]) => Object.hasOwn(path, name));
  if (twice !== undefined) throw invalidField(twice[0], 'the path says it already');
  return { ...Object.fromEntries(given), ...path };
}

/** JSON type names of the fields of an input, for text that a query brings. */
function typesOf(input: z.ZodObject): ReadonlyMap<string, ReadonlySet<string>> {
  const { properties = {} } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' });
  return new Map(Object.entries(properties).map(([name, schema]) => [name, namesIn(schema)]));
}

function namesIn(schema: unknown): ReadonlySet<string> {
  if (typeof schema !== 'object' || schema === null) return new Set();
  const { type, anyOf } = schema as { readonly type?: unknown; readonly anyOf?: readonly unknown[] };
  const own = Array.isArray(type) ? type : [type];
  const names = own.filter((name): name is string => typeof name === 'string');
  return new Set([...names, ...(anyOf ?? []).flatMap((each) => [...namesIn(each)])]);
}

function coerced(value: string | readonly string[], types: ReadonlySet<string> = new Set()): unknown {
  if (types.has('array')) return typeof value === 'string' ? [value] : value;
  if (typeof value !== 'string') return value;
  const isNumber = ['integer', 'number'].some((type) => types.has(type)) && /^-?\d+(\.\d+)?$/.test(value);
  if (isNumber) return Number(value);
  return types.has('boolean') && ['true', 'false'].includes(value) ? value === 'true' : value;
}
