import type { CatalogEntry } from '../core/index.js';

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText: Check = (value) => typeof value === 'string';
const isBoolean: Check = (value) => typeof value === 'boolean';
const isInteger: Check = (value) => Number.isInteger(value) && Math.abs(value as number) < 2 ** 31;
const oneOf =
  (...allowed: readonly unknown[]): Check =>
  (value) =>
    allowed.includes(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);

interface Field {
  readonly check: Check;
  /** What stands for it where the upstream's newer or older entries have no such field. */
  readonly absent: (entry: Fields) => unknown;
}

const reasoningLevels = (entry: Fields): readonly unknown[] =>
  Array.isArray(entry.supported_reasoning_levels) ? entry.supported_reasoning_levels : [];

/**
 * The fields without which a Codex CLI throws away the whole list, for both generations in use.
 * @see codex-cli 0.169: the first eleven; 0.128 also the last two
 */
const MANDATORY: Readonly<Record<string, Field>> = {
  slug: { check: (value) => typeof value === 'string' && value !== '', absent: () => undefined },
  display_name: { check: isText, absent: (entry) => entry.slug },
  supported_reasoning_levels: {
    check: listOf((level) => isObject(level) && isText(level.effort) && isText(level.description)),
    absent: () => [],
  },
  shell_type: {
    check: oneOf('default', 'local', 'unified_exec', 'disabled', 'shell_command'),
    absent: () => 'shell_command',
  },
  visibility: { check: oneOf('list', 'hide', 'none'), absent: () => 'list' },
  supported_in_api: { check: isBoolean, absent: () => true },
  priority: { check: isInteger, absent: () => 0 },
  base_instructions: { check: isText, absent: () => '' },
  support_verbosity: { check: isBoolean, absent: () => false },
  truncation_policy: {
    check: (value) => isObject(value) && oneOf('bytes', 'tokens')(value.mode) && Number.isInteger(value.limit),
    absent: () => ({ mode: 'bytes', limit: 10_000 }),
  },
  experimental_supported_tools: { check: listOf(isText), absent: () => [] },
  supports_reasoning_summaries: { check: isBoolean, absent: (entry) => reasoningLevels(entry).length > 0 },
  supports_parallel_tool_calls: { check: isBoolean, absent: () => false },
};

/** Fields that may be missing or null, but must not be anything else. */
const OPTIONAL: Readonly<Record<string, Check>> = {
  apply_patch_tool_type: oneOf('freeform', 'function'),
  input_modalities: listOf(oneOf('text', 'image')),
  context_window: isInteger,
  max_context_window: isInteger,
  auto_compact_token_limit: isInteger,
};

/**
 * An entry in the form of SDKs' model lists, which tells a model's name and nothing of it. In the list of a CLI it would
 * take the place of what that knows by itself.
 */
export const isBare = ({ entry }: CatalogEntry): boolean => entry.object === 'model';

/**
 * The upstream's entry with what a Codex CLI cannot do without; every other field as it came.
 *
 * @returns undefined when a field holds something that makes a CLI discard the whole list
 */
export function servable({ slug, entry }: CatalogEntry): CatalogEntry | undefined {
  const whole: Record<string, unknown> = { ...entry, slug };
  for (const [name, { check, absent }] of Object.entries(MANDATORY)) {
    if (whole[name] === undefined || whole[name] === null) whole[name] = absent(whole);
    if (!check(whole[name])) return undefined;
  }
  const bad = Object.entries(OPTIONAL).some(
    ([name, check]) => whole[name] !== undefined && whole[name] !== null && !check(whole[name]),
  );
  return bad ? undefined : { slug, entry: whole };
}
