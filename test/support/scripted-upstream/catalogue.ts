/** A model as the backend lists it. */
export interface CatalogueEntry {
  readonly slug: string;
  readonly [field: string]: unknown;
}

const LEVELS = ['low', 'medium', 'high', 'xhigh'].map((effort) => ({ effort, description: `${effort} effort` }));

interface Traits {
  readonly lite: boolean;
  readonly visibility: 'list' | 'hide';
}

/** Every field that a CLI of either generation insists on: one bad entry makes the CLI discard the whole list. */
function entry(slug: string, displayName: string, priority: number, traits: Traits): CatalogueEntry {
  return {
    slug,
    display_name: displayName,
    description: `${displayName}, simulated`,
    default_reasoning_level: traits.lite ? 'low' : 'medium',
    supported_reasoning_levels: LEVELS,
    shell_type: 'unified_exec',
    visibility: traits.visibility,
    supported_in_api: true,
    priority,
    base_instructions: 'You are a simulated coding agent.',
    supports_reasoning_summaries: true,
    default_reasoning_summary: 'auto',
    support_verbosity: true,
    default_verbosity: 'low',
    apply_patch_tool_type: 'freeform',
    truncation_policy: { mode: 'tokens', limit: 10_000 },
    supports_parallel_tool_calls: !traits.lite,
    context_window: 272_000,
    max_context_window: 272_000,
    auto_compact_token_limit: 244_800,
    effective_context_window_percent: 95,
    input_modalities: ['text', 'image'],
    experimental_supported_tools: [],
    prefer_websockets: true,
    use_responses_lite: traits.lite,
    available_in_plans: ['plus', 'pro', 'team'],
    minimal_client_version: '0.1.0',
    upgrade: null,
    availability_nux: null,
  };
}

const classic: Traits = { lite: false, visibility: 'list' };
const lite: Traits = { lite: true, visibility: 'list' };

/** Both generations: `gpt-5.5` and older are classic, everything newer speaks the lite form. */
export const CATALOGUE: readonly CatalogueEntry[] = [
  entry('gpt-6.1-sol', 'GPT-6.1 Sol', 1, lite),
  entry('gpt-5.6-sol', 'GPT-5.6 Sol', 2, lite),
  entry('gpt-5.6-terra', 'GPT-5.6 Terra', 3, lite),
  entry('gpt-5.6-luna', 'GPT-5.6 Luna', 4, lite),
  entry('gpt-5.5', 'GPT-5.5', 5, classic),
  entry('gpt-5.4', 'GPT-5.4', 6, classic),
  entry('gpt-5.4-mini', 'GPT-5.4 Mini', 7, classic),
  entry('gpt-5.3-codex', 'GPT-5.3 Codex', 8, classic),
  entry('codex-auto-review', 'Codex Auto Review', 99, { lite: true, visibility: 'hide' }),
];
