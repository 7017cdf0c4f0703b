export { loggerModule } from './logger.module.js';
export { safeError } from './safe-error.js';
export { failSpan, inSpan, withSpan } from './span.js';
export { tracingEnabled } from './tracing-enabled.js';
