import { z } from 'zod';
import { DRY_RUN, VOLATILE, type Operation } from '../../control/index.js';

type Json = Record<string, unknown>;

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';
const PROBLEM_SCHEMA = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    code: { type: 'string' },
    reason: { type: 'string', description: 'tells refusals of one code apart' },
    errors: {
      type: 'array',
      items: { type: 'object', properties: { path: { type: 'string' }, message: { type: 'string' } } },
    },
  },
};

/** The operator API as OpenAPI 3.1, made from the operations themselves. */
export function openApi(operations: readonly Operation[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const operation of [...operations].sort((a, b) => a.path.localeCompare(b.path))) {
    paths[operation.path] = { ...paths[operation.path], [operation.method.toLowerCase()]: described(operation) };
  }
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: DIALECT,
    info: { title: 'Codex Pooler operator API', version },
    servers: [{ url: '/api/v1' }],
    security: [{ operatorToken: [] }],
    paths,
    components: {
      securitySchemes: { operatorToken: { type: 'http', scheme: 'bearer', bearerFormat: 'opr-cxp-…' } },
      schemas: { Problem: PROBLEM_SCHEMA, DryRun: schemaOf(DRY_RUN, 'output') },
    },
  };
}

function described(operation: Operation): Json {
  const { name, summary, scope, path, method, input, change } = operation;
  const schema = schemaOf(input, 'input');
  const properties = schema['properties'] as Record<string, Json>;
  const required = new Set((schema['required'] as string[] | undefined) ?? []);
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].flatMap(([, field]) => field ?? []);
  const rest = Object.keys(properties).filter((field) => !inPath.includes(field));
  const inQuery = method === 'GET' || method === 'DELETE' ? rest : [];
  const parameters = [
    ...inPath.map((field) => ({ name: field, in: 'path', required: true, schema: properties[field] ?? {} })),
    ...inQuery.map((field) => ({ name: field, in: 'query', required: required.has(field), schema: properties[field] })),
    ...wishesOf(operation),
  ];
  const body = inQuery.length > 0 || rest.length === 0 ? undefined : bodyOf(rest, properties, required);
  return {
    operationId: name,
    summary,
    tags: [name.split('.')[0]],
    description: `Scope: \`${scope}\`.${change === undefined ? '' : ` Audited as \`${change.action}\`.`}`,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: responsesOf(operation),
  };
}

/** Whether what is read can be left out as known: of what changes by itself, the version does not say all. */
const isSpared = ({ method, output }: Operation): boolean => method === 'GET' && !VOLATILE.has(output);

const SPARED = { 304: { description: 'It is of the version that If-None-Match names' } };

function responsesOf(operation: Operation): Json {
  const { method, status = 200, output, change } = operation;
  const told = { description: 'Done', content: { 'application/json': { schema: schemaOf(output, 'output') } } };
  const hasVersion = method === 'GET' || change?.thing?.view === output;
  const etag = { headers: { ETag: { description: 'names this version', schema: { type: 'string' } } } };
  const isTried = change?.destructive === true;
  const tried = { schema: { $ref: '#/components/schemas/DryRun' } };
  const done = isTried && status === 200 ? orTried(told, tried.schema) : told;
  return {
    [status]: { ...done, ...(hasVersion ? etag : {}) },
    ...(isTried && status !== 200 ? { 200: { description: 'Tried', content: { 'application/json': tried } } } : {}),
    ...(isSpared(operation) ? SPARED : {}),
    default: {
      description: 'Refused',
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  };
}

const orTried = (
  told: { readonly content: { readonly 'application/json': { readonly schema: Json } } },
  tried: Json,
) => ({
  description: 'Done, or with dryRun only tried',
  content: { 'application/json': { schema: { anyOf: [told.content['application/json'].schema, tried] } } },
});

const wish = (name: string, description: string, place = 'header', type = 'string'): Json => ({
  name,
  in: place,
  required: false,
  description,
  schema: { type },
});

function wishesOf(operation: Operation): Json[] {
  const { change } = operation;
  if (isSpared(operation)) return [wish('If-None-Match', 'the ETag of what you have: 304 while it is that')];
  if (change === undefined) return [];
  return [
    ...(change.thing === undefined ? [] : [wish('If-Match', 'the ETag of the thing as you know it')]),
    ...(change.creates === true ? [wish('Idempotency-Key', 'asked again under it, the answer is the same')] : []),
    ...(change.destructive === true
      ? [wish('dryRun', 'say what would change, and change nothing', 'query', 'boolean')]
      : []),
  ];
}

const bodyOf = (
  fields: readonly string[],
  properties: Readonly<Record<string, Json>>,
  required: ReadonlySet<string>,
) => ({
  required: fields.some((field) => required.has(field)),
  content: {
    'application/json': {
      schema: {
        type: 'object',
        additionalProperties: false,
        properties: Object.fromEntries(fields.map((field) => [field, properties[field]])),
        required: fields.filter((field) => required.has(field)),
      },
    },
  },
});

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}
