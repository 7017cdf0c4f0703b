import { z } from 'zod';
import { ControlError, type Operation } from '../../control/index.js';

type Json = Readonly<Record<string, unknown>>;

/** What a request gives an operation. The path wins over everything: what it names cannot be named again. */
export function givenInput(
  { input, method }: Pick<Operation, 'input' | 'method'>,
  path: Readonly<Record<string, string>>,
  query: Readonly<Record<string, string | readonly string[]>>,
  body: unknown,
): Json {
  const types = typesOf(input);
  const fromQuery = Object.entries(query).map(([name, value]) => [name, coerced(value, types.get(name))] as const);
  const fromBody = method === 'GET' || method === 'DELETE' ? [] : Object.entries(asObject(body));
  const given = [...fromBody, ...fromQuery];
  const twice = given.find(
    ([name], at) => Object.hasOwn(path, name) || given.findIndex(([other]) => other === name) < at,
  );
  if (twice !== undefined) {
    throw new ControlError('invalid_input', `${twice[0]} is given twice.`, [
      { path: twice[0], message: 'given twice' },
    ]);
  }
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

function coerced(value: string | readonly string[], types: ReadonlySet<string> | undefined): unknown {
  if (types?.has('array') === true) return typeof value === 'string' ? [value] : value;
  if (typeof value !== 'string') return value;
  if ((types?.has('integer') === true || types?.has('number') === true) && /^-?\d+(\.\d+)?$/.test(value))
    return Number(value);
  if (types?.has('boolean') === true && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}

function asObject(body: unknown): Json {
  if (body === undefined || body === null) return {};
  if (typeof body === 'object' && !Array.isArray(body)) return body as Json;
  throw new ControlError('invalid_input', 'The body must be a JSON object.');
}
