export { loggerModule } from './logger.module.js';
export { safeError } from './safe-error.js';
export { failSpan, inSpan, pastSpan, withSpan } from './span.js';
export { inCallersTrace, linkable, linkTo, traceHeaders } from './trace-context.js';
export { tracingEnabled } from './tracing-enabled.js';
