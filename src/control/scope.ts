/** What a token allows. `admin` allows everything; `mcp:*` count on `/mcp` only. */
export const SCOPES = ['read', 'pools:write', 'accounts:write', 'keys:write', 'admin', 'mcp:read', 'mcp:write'] as const;
export type Scope = (typeof SCOPES)[number];

/** Whoever may write may read what he wrote. */
export const allows = (scopes: ReadonlySet<Scope>, needed: Scope): boolean =>
  scopes.has('admin') || scopes.has(needed) || (needed === 'read' && [...scopes].some((scope) => scope.endsWith('s:write')));
