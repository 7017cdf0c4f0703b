import { z } from 'zod';
import type { Pool } from '../../auth/index.js';
import { EVIDENCE_POLICIES, ROUTING_STRATEGIES } from '../../core/index.js';

export const poolSlug = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be lower-case letters, digits and inner dashes, at most 63');

/** One line that shows: neither table nor terminal suffers from it. */
export const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .regex(/^\P{C}*$/u, 'must be without control characters');

const MAX_INSTRUCTIONS = 100_000;
const MAX_LISTED = 200;
const count = z.int().min(1).max(100_000).nullable();
const modelName = z
  .string()
  .regex(/^[^\s\p{C}*]{1,200}$/u, 'must be the name of one model, without blanks, at most 200');
const modelPattern = z
  .string()
  .regex(/^[^\s\p{C}]{1,200}$/u, 'must be a pattern of models, without blanks, at most 200');
const paramName = z.string().regex(/^\w{1,100}$/, 'must be the name of a field of a request, at most 100');
const instructions = z
  .string()
  .min(1)
  .max(MAX_INSTRUCTIONS)
  .regex(/^[^\0\p{Surrogate}]*$/u, 'must be text, without NUL');

/** What may be set of a Pool. */
export const poolSettings = {
  name: line(200),
  status: z
    .enum(['active', 'disabled', 'archived'])
    .describe('only an active Pool serves; an archived one is kept for its history'),
  v1Enabled: z.boolean().describe('whether the /v1 routes serve'),
  imageGenerationEnabled: z.boolean(),
  defaultModel: modelName.nullable().describe('serves requests that name none'),
  allowUnlistedModels: z.boolean().describe('whether models that no account lists may be asked for'),
  reportCapacity: z.boolean().describe('whether answers tell how much of the Pool is used'),
  storedResponses: z.boolean().describe('whether conversations are kept, sealed, for clients that come back to them'),
  maxStoredItems: z.int().min(0).max(1_000_000),
  storedTtlSeconds: z.int().min(1).max(315_360_000),
  defaultInstructions: instructions.nullable(),
  anthropicModels: z
    .array(z.tuple([modelPattern, modelName]))
    .max(MAX_LISTED)
    .describe('names that Anthropic clients ask for, * for anything, and what serves them; the first that fits'),
  droppedParams: z
    .array(paramName)
    .max(MAX_LISTED)
    .describe('optional fields of translated requests that are not sent'),
  routingStrategy: z.enum(ROUTING_STRATEGIES),
  evidencePolicy: z.enum(EVIDENCE_POLICIES),
  ringSize: count.describe('how many accounts one call may be sent to; null: all'),
  cacheLocality: z.boolean(),
  sessionMoves: z.boolean().describe('whether a session may leave its account'),
  maxConcurrent: count.describe('calls at once, over all replicas; null: any number'),
};

/** Bounds are of what is asked for: what was set by other ways is shown as it is. */
export const poolView = z.object({
  ...poolSettings,
  id: z.uuid(),
  slug: z.string(),
  name: z.string(),
  defaultModel: z.string().nullable(),
  defaultInstructions: z.string().nullable(),
  anthropicModels: z.array(z.tuple([z.string(), z.string()])),
  droppedParams: z.array(z.string()),
  ringSize: z.int().nullable(),
  maxConcurrent: z.int().nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

export type PoolView = z.output<typeof poolView>;

export const poolViewOf = ({ createdAt, updatedAt, ...pool }: Pool): z.input<typeof poolView> => ({
  ...pool,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});
