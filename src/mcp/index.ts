export { McpAdmission } from './mcp-admission.service.js';
export { McpModule } from './mcp.module.js';
export { mcpStep } from './protocol/before-body.js';
export { isMcpPath, mcpDialect } from './protocol/dialect.js';
