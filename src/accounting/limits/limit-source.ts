import type { UsageLimit } from '../../core/index.js';

/** Who knows the limits of all keys and Pools. */
export abstract class LimitSource {
  abstract usageLimits(): Promise<readonly UsageLimit[]>;
}
