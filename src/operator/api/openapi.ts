import { z } from 'zod';
import type { Operation } from '../../control/index.js';

type Json = Record<string, unknown>;

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';
const PROBLEM_SCHEMA = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'instance', 'code'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    code: { type: 'string' },
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
      schemas: { Problem: PROBLEM_SCHEMA },
    },
  };
}

function described(operation: Operation): Json {
  const { name, summary, scope, path, method, input, output, status = 200, change } = operation;
  const schema = schemaOf(input, 'input');
  const properties = schema['properties'] as Record<string, Json>;
  const required = new Set((schema['required'] as string[] | undefined) ?? []);
  const inPath = new Set([...path.matchAll(/\{(\w+)\}/g)].flatMap(([, field]) => field ?? []));
  const rest = Object.keys(properties).filter((field) => !inPath.has(field));
  const inQuery = method === 'GET' || method === 'DELETE' ? rest : [];
  const parameters = [
    ...[...inPath].map((field) => ({ name: field, in: 'path', required: true, schema: properties[field] ?? {} })),
    ...inQuery.map((field) => ({ name: field, in: 'query', required: required.has(field), schema: properties[field] })),
    ...headersOf(operation),
  ];
  const body = inQuery.length > 0 || rest.length === 0 ? undefined : bodyOf(rest, properties, required);
  return {
    operationId: name,
    summary,
    tags: [name.split('.')[0]],
    description: `Scope: \`${scope}\`.${change === undefined ? '' : ` Audited as \`${change.action}\`.`}`,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: {
      [status]: { description: 'Done', content: { 'application/json': { schema: schemaOf(output, 'output') } } },
      default: {
        description: 'Refused',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

function headersOf({ change }: Operation): Json[] {
  if (change === undefined) return [];
  const header = (name: string, description: string): Json => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  });
  return [
    ...(change.thing === undefined ? [] : [header('If-Match', 'the ETag of the thing as you know it')]),
    ...(change.creates === true ? [header('Idempotency-Key', 'asked again under it, the answer is the same')] : []),
    ...(change.destructive === true
      ? [{ name: 'dryRun', in: 'query', required: false, schema: { type: 'boolean' }, description: 'change nothing' }]
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
