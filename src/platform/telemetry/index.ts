export { loggerModule } from './logger.module.js';
export { safeError, type SafeError } from './safe-error.js';
export { failSpan, inSpan, withSpan, type SpanOptions } from './span.js';
export { tracingEnabled } from './tracing-enabled.js';
