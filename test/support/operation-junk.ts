import fc from 'fast-check';
import { z } from 'zod';
import type { Operation } from '../../src/control/index.js';

/** Something to send in a field. As JSON text, so that it may hold what JavaScript cannot. */
type JsonText = string;
/** Texts for fields, by the name of the field: of things that are there, so that a request gets beyond its path. */
export type KnownThings = Readonly<Record<string, unknown>>;

export interface JunkRequest {
  readonly path: string;
  readonly method: string;
  readonly body?: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface FieldSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly format?: string;
  readonly anyOf?: readonly FieldSchema[];
  readonly items?: FieldSchema;
  readonly prefixItems?: readonly FieldSchema[];
  readonly properties?: Readonly<Record<string, FieldSchema>>;
}

const cursor = (text: string): string => Buffer.from(text).toString('base64url');
const NOBODY = '00000000-0000-4000-8000-000000000000';

const TEXTS = [
  ...['', ' ', '*', '%', '_', '\\', "' OR 1=1 --", '../..', 'null', 'true', '-1', '1e309', '__proto__', 'constructor'],
  ...['a\0b', '\0', '\ud800', 'a\u202eb', '\n', '\u{1f4a9}', 'x'.repeat(10_000), NOBODY, `sk-cxp-${'0'.repeat(12)}`],
  ...['0000-01-01', '9999-12-31', '2026-02-30', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59-23:59', '2026-01-01'],
  ...['2026-01-01T00:00:00Z', '2026-13-45T99:99:99Z', '0.0000000000001', '99999999999999999999', '$5', '1/0'],
  ...['1.2.3.4/99', '::/0', '0.0.0.0/0', 'https://169.254.169.254/', 'https://[::1]/', 'http://user:pass@localhost/'],
];
/** What nobody was given as a place in a list, in every form that those have. */
const CURSORS = [
  ...['0000-01-01T00:00:00.0Z', '2026-02-30T00:00:00.0Z', '2026-01-01T24:00:00.0Z', '9999-99-99T99:99:99.9Z'].flatMap(
    (at) => [
      cursor(`${at} ${NOBODY}`),
      cursor(JSON.stringify(['999999999999999', '0', at, 'f'.repeat(64)])),
      cursor(JSON.stringify([at])),
    ],
  ),
  ...[cursor('["\\u0000"]'), cursor('[]'), cursor(JSON.stringify(['2', NOBODY])), '999999999999999', '!'],
  ...['0', `999999999999999.0.${NOBODY}`, cursor(JSON.stringify(['\ud800', 'b']))],
];
const NUMBERS = ['0', '-1', '1.5', '1', '1e309', '-1e309', '9007199254740993', '2147483648', '1e-400'];
const SHAPES = ['null', '[]', '{}', '[null]', '[[[]]]', '{"a":{"__proto__":{"b":1}}}', 'true', 'false'];

const json = (value: unknown): JsonText => JSON.stringify(value);
const anything = fc.constantFrom(...[...TEXTS, ...CURSORS].map(json), ...NUMBERS, ...SHAPES);

/** What a schema might take, as far as one can tell from it. */
function fitting(schema: FieldSchema): fc.Arbitrary<JsonText> {
  const { anyOf, items, prefixItems, properties } = schema;
  if (schema.const !== undefined) return fc.constant(json(schema.const));
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum.map(json));
  if (anyOf !== undefined) return fc.oneof(...anyOf.map(fitting));
  if (prefixItems !== undefined) return fc.tuple(...prefixItems.map(fitting)).map((each) => `[${each.join()}]`);
  if (schema.type === 'array') {
    return fc.array(fitting(items ?? {}), { maxLength: 3 }).map((each) => `[${each.join()}]`);
  }
  return properties === undefined ? plain(schema) : fieldsOf(properties).map((each) => `{${each.join()}}`);
}

const fieldsOf = (properties: Readonly<Record<string, FieldSchema>>): fc.Arbitrary<JsonText[]> =>
  fc.tuple(...Object.entries(properties).map(([name, each]) => fitting(each).map((text) => `${json(name)}:${text}`)));

function plain({ type, format = '', minimum = 1 }: FieldSchema): fc.Arbitrary<JsonText> {
  if (type === 'boolean') return fc.constantFrom('true', 'false');
  if (type === 'null') return fc.constant('null');
  if (type === 'integer' || type === 'number') return fc.constantFrom(String(minimum), '7', ...NUMBERS);
  return fc.constantFrom(...(TIMES[format] ?? [...TEXTS, 'abc', '7', 'gpt-5.5', '10.0.0.0/8']).map(json));
}

/** By the format that a schema has. */
const TIMES: Readonly<Record<string, readonly string[]>> = {
  'date-time': ['2026-01-02T03:04:05Z', '9998-01-01T00:00:00Z'],
  date: ['2026-01-02', '2026-02-01', '9999-12-31'],
};

const HEADERS: Readonly<Record<string, readonly string[]>> = {
  'if-match': ['*', '"x"', 'W/"x"', '', ',', 'x'.repeat(3_000)],
  'if-none-match': ['*', '"x"', ''],
  'idempotency-key': ['again', 'x'.repeat(255), 'x'.repeat(256), ' '],
  'content-type': ['text/plain', 'application/json; charset=utf-16', 'application/problem+json'],
  'content-encoding': ['gzip', 'identity', 'what'],
};
const headers = fc
  .option(
    fc.constantFrom(...Object.entries(HEADERS).flatMap(([name, values]) => values.map((value) => ({ [name]: value })))),
    { freq: 3, nil: {} },
  )
  .map((given): Record<string, string> => given);

const asText = (text: JsonText): string => {
  const value = JSON.parse(text) as unknown;
  return typeof value === 'string' ? value : text;
};

/** Lone surrogates have no form in a URL. */
const inUrl = (text: string): string => encodeURIComponent(text.replace(/\p{Surrogate}/gu, '�'));

/** Requests of one operation, most of them nearly right. */
export function junkOf(
  { input, method, path }: Pick<Operation, 'input' | 'method' | 'path'>,
  known: KnownThings,
): fc.Arbitrary<JunkRequest> {
  const { properties = {}, required = [] } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as {
    readonly properties?: Readonly<Record<string, FieldSchema>>;
    readonly required?: readonly string[];
  };
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => name ?? []);
  const valueOf = (name: string, schema: FieldSchema): fc.Arbitrary<JsonText> => {
    const likely = Object.hasOwn(known, name) ? fc.constant(json(known[name])) : fitting(schema);
    return fc.oneof({ weight: 5, arbitrary: likely }, { weight: 1, arbitrary: anything });
  };
  const fields = Object.entries(properties).map(([name, schema]) => {
    const value = valueOf(name, schema).map((text): readonly (readonly [string, JsonText])[] => [[name, text]]);
    const isNeeded = required.includes(name) || inPath.includes(name);
    return isNeeded ? value : fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: value });
  });
  const extra = fc.constantFrom<string[]>([], [], [], [], [], ['dryRun=true'], ['dryRun=1'], ['limit=1', 'limit=2']);
  return fc
    .record({ fields: fc.tuple(...fields), headers, extra })
    .map(({ fields: given, headers: sent, extra: more }) => {
      const named = given.flat();
      const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
        inUrl(asText(named.find(([each]) => each === name)?.[1] ?? '""')),
      );
      const rest = named.filter(([name]) => !inPath.includes(name));
      const asks = method === 'GET' || method === 'DELETE';
      const query = [...(asks ? rest.map(([name, text]) => `${inUrl(name)}=${inUrl(asText(text))}`) : []), ...more];
      const body = `{${rest.map(([name, text]) => `${json(name)}:${text}`).join()}}`;
      return {
        method,
        path: `/api/v1${filled}${query.length === 0 ? '' : `?${query.join('&')}`}`,
        headers: { ...(asks ? {} : { 'content-type': 'application/json' }), ...sent },
        ...(asks ? {} : { body }),
      };
    });
}
