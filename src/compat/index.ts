export { CompatModule } from './compat.module.js';
export { dialectFor, servedV1Routes } from './dialects.js';
