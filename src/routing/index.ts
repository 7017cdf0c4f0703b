export type { Occupied } from './admission/admission.service.js';
export type { Decision } from './decision.js';
export { PreviewService } from './preview.service.js';
export { refusalOf, soonestClear, usageLimit } from './refusal.js';
export { sessionDigest } from './continuity/session-digest.js';
export { RouterService } from './router.service.js';
export { RoutingModule } from './routing.module.js';
export type { Placed, Placement } from './placement.js';
export { PlacementService } from './placement.service.js';
