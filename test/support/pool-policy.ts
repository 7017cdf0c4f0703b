import { DEFAULT_ROUTING, type PoolId, type PoolPolicy } from '../../src/core/index.js';

/** A Pool as it is made when nothing is said. */
export const aPoolPolicy = (over: Partial<PoolPolicy> = {}): PoolPolicy => ({
  id: 'pool-1' as PoolId,
  slug: 'team',
  v1Enabled: true,
  imageGenerationEnabled: true,
  allowUnlistedModels: false,
  reportCapacity: false,
  anthropicModels: [],
  droppedParams: new Set(),
  routing: DEFAULT_ROUTING,
  ...over,
});
