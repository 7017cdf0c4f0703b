export { asComparable } from './noted.js';
export { type OpenedItem } from './opened-item.js';
export { StoredChains } from './stored-chains.service.js';
export { StoredHolders } from './stored-holders.service.js';
export { StoredItems } from './stored-items.service.js';
export { StoredPages } from './stored-pages.service.js';
export { StoredWorkerModule } from './stored-worker.module.js';
export { StoredModule } from './stored.module.js';
