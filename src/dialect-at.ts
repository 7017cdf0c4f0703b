import { dialectFor } from './compat/index.js';
import type { Dialect } from './core/index.js';
import { isMcpPath, mcpDialect } from './mcp/index.js';
import { isApiPath, operatorDialect } from './operator/index.js';

/** How errors look at a path: each door has its own way. */
export function dialectAt(path: string): Dialect {
  if (isMcpPath(path)) return mcpDialect;
  return isApiPath(path) ? operatorDialect : dialectFor(path);
}

/** Where nothing but the first words of a path can be read. */
export const apiDialectAt = (target: string): Dialect | undefined => (isApiPath(target) ? operatorDialect : undefined);
