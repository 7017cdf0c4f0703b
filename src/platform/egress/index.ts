export { checkedLookup } from './checked-lookup.js';
export { HostResolver } from './host-resolver.service.js';
export { arePublic } from './public-address.js';
export { plainUrl, publicHost } from './public-url.js';
