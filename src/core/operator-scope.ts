/** What an operator's token allows. `admin` allows everything; `mcp:*` count at the MCP endpoint only. */
export const OPERATOR_SCOPES = ['read', 'pools:write', 'accounts:write', 'keys:write', 'admin'] as const;
export const MCP_SCOPES = ['mcp:read', 'mcp:write'] as const;
export type OperatorScope = (typeof OPERATOR_SCOPES)[number] | (typeof MCP_SCOPES)[number];
