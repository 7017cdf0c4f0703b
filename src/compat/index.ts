export { CompatModule } from './compat.module.js';
export { dialectFor } from './dialects.js';
export { servedNativeRoutes, servedV1Routes } from './routes.js';
