import { LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import {
  EFFORT_MODES,
  EVIDENCE_POLICIES,
  MCP_SCOPES,
  OPERATOR_SCOPES,
  REASONING_EFFORTS,
  ROUTING_STRATEGIES,
  SERVICE_TIERS,
} from '../core/index.js';

const slug = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'must be lower-case letters, digits and dashes');
const label = z.string().min(1).max(100);
const envName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable');

const account = z
  .strictObject({
    label,
    /** Path of an `auth.json`, relative to the file. */
    authJson: z.string().min(1).optional(),
    /** Name of a variable that holds the text of one. */
    authJsonEnv: envName.optional(),
    /** Name of a variable that holds an API key. */
    apiKeyEnv: envName.optional(),
    /** Whose key that is; absent: the only kind of upstream that takes one. */
    kind: z.string().min(1).optional(),
    /** Its tier in this Pool, 0 first; counts under the strategy `priority`. Absent: as it is. */
    priority: z.int().min(0).max(1_000).optional(),
    /** Calls at once, in all Pools; null: as many as the installation allows. Absent: as it is. */
    maxConcurrent: z.int().min(1).nullable().optional(),
  })
  .refine(
    (given) => [given.authJson, given.authJsonEnv, given.apiKeyEnv].filter((one) => one !== undefined).length === 1,
    {
      error: 'needs one of authJson, authJsonEnv and apiKeyEnv',
    },
  )
  .refine((given) => given.kind === undefined || given.apiKeyEnv !== undefined, {
    error: 'a kind is for an apiKeyEnv',
  });

const instant = z
  .string()
  .refine((text) => !Number.isNaN(Date.parse(text)), 'must be a time, such as 2027-01-31T00:00:00Z')
  .transform((text) => new Date(text));
const count = z.int().min(1).nullable().optional();
const usd = z.union([z.number(), z.string()]).nullable().optional();

/** What is absent stays as it is, null takes it away. */
const limits = z
  .strictObject({
    requestsPerMinute: count,
    tokensPerDay: count,
    tokensPerWeek: count,
    maxInputTokens: count,
    maxOutputTokens: count,
    usdPerDay: usd,
    usdPerWeek: usd,
    usdPerMonth: usd,
    warnPercent: z.int().min(1).max(100).nullable().optional(),
  })
  .nullable()
  .optional();
/** By pattern, `*` for anything: only calls of such models count, and are limited. */
const modelLimits = z.record(z.string().min(1), limits.unwrap()).nullable().optional();

/** Of what is absent everything stays as it is, null takes it away. */
const key = z.strictObject({
  label,
  /** Name of a variable that holds the key; absent: one is minted and printed once. */
  secretEnv: envName.optional(),
  /** The only models that it may ask for, with `*` for anything; null: any. */
  models: z.array(z.string().trim().min(1)).min(1).nullable().optional(),
  /** Calls at once; null: any number. */
  maxConcurrent: count,
  /** The names that it asks for, `*` for anything, → the model that serves them; the first that fits. */
  aliases: z.record(z.string().min(1), z.string().min(1)).nullable().optional(),
  /** In place of whatever model is asked for. */
  forcedModel: z.string().min(1).nullable().optional(),
  effort: z
    .strictObject({ mode: z.enum(EFFORT_MODES), value: z.enum(REASONING_EFFORTS) })
    .nullable()
    .optional(),
  serviceTier: z
    .enum([...SERVICE_TIERS, 'fast'])
    .nullable()
    .optional(),
  /** Addresses and CIDR blocks that it may be used from; null: any. */
  addresses: z.array(z.string().min(1)).min(1).nullable().optional(),
  /** ISO 8601; null: never. */
  expires: instant.nullable().optional(),
  paused: z.boolean().optional(),
  limits,
  modelLimits,
});

const settings = z.strictObject({
  strategy: z.enum(ROUTING_STRATEGIES).optional(),
  evidence: z.enum(EVIDENCE_POLICIES).optional(),
  ringSize: z.int().min(1).nullable().optional(),
  cacheLocality: z.boolean().optional(),
  sessionMoves: z.boolean().optional(),
  maxConcurrent: z.int().min(1).nullable().optional(),
  defaultModel: z.string().min(1).optional(),
  allowUnlistedModels: z.boolean().optional(),
  reportCapacity: z.boolean().optional(),
  v1Enabled: z.boolean().optional(),
  imageGenerationEnabled: z.boolean().optional(),
  /** Keep what clients said and were answered, sealed, so that they can come back to it. */
  storedResponses: z.boolean().optional(),
  maxStoredItems: z.int().min(0).max(1_000_000).optional(),
  storedTtlSeconds: z.int().min(1).max(315_360_000).optional(),
  defaultInstructions: z.string().min(1).nullable().optional(),
  /** The names that Anthropic clients ask for, `*` for anything, → the model that serves them; the first that fits. */
  anthropicModels: z.record(z.string().min(1), z.string().min(1)).optional(),
  /** Optional fields of translated requests that are not sent. */
  dropParams: z.array(z.string().min(1)).optional(),
  /** Of all calls of the Pool. */
  limits,
  modelLimits,
});

/** For operators; for the MCP endpoint they differ in their scopes only. */
const tokensWith = (scopes: readonly string[]) =>
  z
    .array(
      z.strictObject({
        label,
        /** Name of a variable that holds the token; absent: one is minted and printed once. */
        secretEnv: envName.optional(),
        scopes: z.array(z.enum(scopes)).min(1).optional(),
        /** Slugs of the only Pools that it sees and changes; null: all. */
        pools: z.array(slug).min(1).nullable().optional(),
        /** ISO 8601; null: never. */
        expires: instant.nullable().optional(),
      }),
    )
    .optional();

const seedFile = z.strictObject({
  pools: z
    .array(
      z.strictObject({
        slug,
        name: z.string().min(1).max(200).optional(),
        settings: settings.optional(),
        accounts: z.array(account).optional(),
        keys: z.array(key).optional(),
      }),
    )
    .optional(),
  mcpTokens: tokensWith(MCP_SCOPES),
  operatorTokens: tokensWith(OPERATOR_SCOPES),
});

export type SeedFile = z.infer<typeof seedFile>;
export type SeedToken = NonNullable<SeedFile['operatorTokens']>[number];
export type SeedPool = NonNullable<SeedFile['pools']>[number];

/** The declarative file is wrong; `message` names the line of every problem. */
export class SeedFileInvalid extends Error {
  override readonly name = 'SeedFileInvalid';
}

/**
 * The declarative file as an object. An unknown key is an error, so that a typo never means "off".
 *
 * @throws SeedFileInvalid with one line of text for each problem
 */
export function parseSeedFile(text: string): SeedFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const syntax = document.errors.map((error) => `line ${lines.linePos(error.pos[0]).line}: ${error.code}`);
  if (syntax.length > 0) throw new SeedFileInvalid(syntax.join('\n'));
  const parsed = seedFile.safeParse(document.toJS() ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    (issue) => `line ${lineOf(document, lines, issue)}: ${pathOf(issue)}${issue.message}`,
  );
  throw new SeedFileInvalid(problems.join('\n'));
}

type Issue = z.core.$ZodIssue;

const pathOf = (issue: Issue): string => (issue.path.length > 0 ? `${issue.path.join('.')} ` : '');

function lineOf(document: Document, lines: LineCounter, issue: Issue): number {
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const path = unknown === undefined ? [...issue.path] : [...issue.path, unknown];
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const node: unknown = document.getIn(path.slice(0, depth), true);
    const start = (node as { range?: readonly number[] | null } | undefined)?.range?.[0];
    if (start !== undefined) return lines.linePos(start).line;
  }
  return 1;
}
