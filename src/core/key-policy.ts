/** From the least to the most. Source: runtime contract §3.2. */
export const REASONING_EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max', 'ultra'] as const;
export type ReasoningEffort = (typeof REASONING_EFFORTS)[number];

/** `always`: whatever was asked for; `up_to`: more is refused; `clamp`: more is lowered to it. */
export const EFFORT_MODES = ['always', 'up_to', 'clamp'] as const;
export type EffortMode = (typeof EFFORT_MODES)[number];

export interface EffortRule {
  readonly mode: EffortMode;
  readonly effort: ReasoningEffort;
}

/** `fast`, as some clients say, is `priority`. */
export const SERVICE_TIERS = ['auto', 'default', 'flex', 'priority', 'scale'] as const;
export type ServiceTier = (typeof SERVICE_TIERS)[number];
