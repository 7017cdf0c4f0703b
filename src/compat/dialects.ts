import type { Dialect } from '../core/index.js';
import { codexDialect } from './codex-backend/dialect.js';

/** Path prefix → how errors look there; the first that fits. */
const DIALECTS: readonly (readonly [prefix: string, dialect: Dialect])[] = [['/', codexDialect]];

/** The dialect of a decoded path. The last entry fits every path. */
export function dialectFor(path: string): Dialect {
  return DIALECTS.find(([prefix]) => path.startsWith(prefix))?.[1] ?? codexDialect;
}
