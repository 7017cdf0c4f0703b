import { z } from 'zod';
import { OperationRegistry } from '../../src/control/index.js';
import { useGateway } from '../support/gateway.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';

type Json = Readonly<Record<string, unknown>>;
interface Described {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Json }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Json }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Json }>> }>
  >;
}
interface Description extends Json {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
}

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

const TYPES = ['string', 'number', 'integer', 'boolean', 'array', 'object', 'null'];

/** A schema, and no property that is called like a word of theirs. */
const isSchema = (at: string, value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !/\/(properties|default|const)$/.test(at);

/** Everything in a value, with where it is. */
function* within(value: unknown, at = '#'): Generator<readonly [at: string, value: unknown]> {
  yield [at, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [name, each] of Object.entries(value)) yield* within(each, `${at}/${name}`);
}

const pointedAt = (document: unknown, pointer: string): unknown =>
  pointer
    .replace(/^#\/?/, '')
    .split('/')
    .reduce<unknown>((value, name) => {
      const key = decodeURIComponent(name).replace(/~1/g, '/').replace(/~0/g, '~');
      return typeof value === 'object' && value !== null ? (value as Json)[key] : undefined;
    }, document);

describe("the description of the operators' API", () => {
  const gateway = useGateway({ upstream: new ScriptedUpstream() });
  let description: Description;
  const each = (): readonly (readonly [path: string, method: string, described: Described])[] =>
    Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, described]) => [path, method, described] as const),
    );
  const schemas = (): readonly Json[] =>
    each().flatMap(([, , { parameters = [], requestBody, responses }]) => [
      ...parameters.map(({ schema }) => schema),
      ...Object.values(requestBody?.content ?? {}).map(({ schema }) => schema),
      ...Object.values(responses).flatMap(({ content = {} }) => Object.values(content).map(({ schema }) => schema)),
    ]);

  beforeAll(async () => {
    description = (await (await fetch(`${gateway.url}/api/v1/openapi.json`)).json()) as Description;
  });

  it('is OpenAPI 3.1 with what that asks for', () => {
    expect(description.openapi).toMatch(/^3\.1\.\d+$/);
    expect(description).toMatchObject({ info: { title: expect.any(String), version: expect.any(String) } });
    for (const [path, method, { responses }] of each()) {
      expect([path, path.startsWith('/'), METHODS.includes(method)]).toEqual([path, true, true]);
      expect(Object.keys(responses).filter((status) => !/^([1-5]\d\d|default)$/.test(status))).toEqual([]);
      for (const response of Object.values(responses)) expect(response).toHaveProperty('description');
    }
  });

  it('has every operation, once, at its path', () => {
    const all = each().map(([path, method, { operationId }]) => `${operationId} ${method.toUpperCase()} ${path}`);
    const { operations } = gateway.get(OperationRegistry);
    expect([...all].sort()).toEqual(operations.map(({ name, method, path }) => `${name} ${method} ${path}`).sort());
    expect(new Set(all.map((line) => line.split(' ')[0])).size).toBe(all.length);
  });

  it('has the fields of every path as parameters, and no parameter twice', () => {
    for (const [path, , { operationId, parameters = [] }] of each()) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect([operationId, parameters.filter((one) => one.in === 'path').map(({ name }) => name)]).toEqual([
        operationId,
        inPath,
      ]);
      const names = parameters.map((one) => `${one.in} ${one.name}`);
      expect([operationId, names.length]).toEqual([operationId, new Set(names).size]);
    }
  });

  it('refers to nothing that it has not', () => {
    const references = [...within(description)]
      .filter(([at]) => at.endsWith('/$ref'))
      .map(([, value]) => String(value));
    expect(references).toContain('#/components/schemas/Problem');
    expect(references.filter((pointer) => pointedAt(description, pointer) === undefined)).toEqual([]);
  });

  it('has schemas of JSON Schema, which say something', () => {
    for (const schema of schemas()) expect(Object.keys(schema).length).toBeGreaterThan(0);
    for (const [at, value] of within(schemas())) {
      if (!isSchema(at, value)) continue;
      const { type, required = [], properties = {}, enum: choices, pattern } = value;
      const types = type === undefined ? [] : [type].flat();
      expect([at, types.filter((one) => !TYPES.includes(one as string))]).toEqual([at, []]);
      expect([at, (required as string[]).filter((name) => !Object.hasOwn(properties as Json, name))]).toEqual([at, []]);
      if (choices !== undefined) expect([at, (choices as unknown[]).length > 0]).toEqual([at, true]);
      if (pattern !== undefined) expect(() => new RegExp(pattern as string, 'u')).not.toThrow();
    }
  });

  it('lets every change that takes something away be tried first', () => {
    const { operations } = gateway.get(OperationRegistry);
    const blind = operations.filter(({ change }) => change?.destructive === true && change.thing === undefined);
    expect(blind.map(({ name }) => name)).toEqual([]);
    const gone = operations.filter(({ method, change }) => method === 'DELETE' && change?.destructive !== true);
    expect(gone.map(({ name }) => name)).toEqual([]);
  });

  it('fits what is answered', async () => {
    const problem = pointedAt(description, '#/components/schemas/Problem') as Parameters<typeof z.fromJSONSchema>[0];
    const answer = (await (await fetch(`${gateway.url}/api/v1/pools`)).json()) as Json;
    expect(z.fromJSONSchema(problem).safeParse(answer).success).toBe(true);
    expect(z.fromJSONSchema(problem).safeParse({ ...answer, status: 'x' }).success).toBe(false);
  });
});
