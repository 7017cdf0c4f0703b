export { AffinityService } from './affinity.service.js';
export { type Choice } from './choose-account.js';
export { refusalOf, usageLimit } from './refusal.js';
export { sessionDigest } from './session-digest.js';
export { RouterService } from './router.service.js';
export { RoutingModule } from './routing.module.js';
