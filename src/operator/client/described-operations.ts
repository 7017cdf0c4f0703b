import { z } from 'zod';
import { Unreachable } from './unreachable.js';

/** Where an operation is done, as the gateway itself says. */
export interface Described {
  readonly method: string;
  /** Below the root of the API, with `{field}` for fields of the input. */
  readonly path: string;
  readonly inPath: ReadonlySet<string>;
}

const TITLE = 'Codex Pooler operator API';

const parameter = z.object({ name: z.string(), in: z.string() });
const description = z.object({
  openapi: z.string().startsWith('3.1'),
  info: z.object({ title: z.literal(TITLE) }),
  paths: z.record(
    z.string(),
    z.record(z.string(), z.object({ operationId: z.string(), parameters: z.array(parameter).default([]) })),
  ),
});

/** @throws Unreachable for what is no description of ours */
export function describedOperations(document: unknown): ReadonlyMap<string, Described> {
  const { success, data } = description.safeParse(document);
  if (!success) throw new Unreachable('What answers at POOLER_URL is no Codex Pooler, or one without an operator API.');
  return new Map(
    Object.entries(data.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId, parameters }]) => {
        const inPath = new Set(parameters.filter((each) => each.in === 'path').map(({ name }) => name));
        return [operationId, { method: method.toUpperCase(), path, inPath }] as const;
      }),
    ),
  );
}
