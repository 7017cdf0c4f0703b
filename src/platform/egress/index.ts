export { allowListOf, outboundHost } from './allow-list.js';
export { EgressRefused } from './egress-refused.js';
export { guardedAgent } from './guarded-agent.js';
export { HostResolver } from './host-resolver.service.js';
export { Outbound } from './outbound.service.js';
export { arePublic } from './public-address.js';
export { plainUrl, publicHost } from './public-url.js';
