import type { Tool } from '../tool.js';
import { ACCOUNT_ACTIONS } from './account-actions.js';
import { getAuditLog, listAuditLogs } from './audit-logs.js';
import { explainRoute } from './explain-route.js';
import { listIncidents } from './incidents.js';
import { getInvite, listInvites } from './invites.js';
import { getOperator, listOperators } from './operators.js';
import { getPoolApiKey, listPoolApiKeys } from './pool-api-keys.js';
import { getPool, listPools } from './pools.js';
import { getRequestLog, listRequestLogs } from './request-logs.js';
import { serviceStatus } from './service-status.js';
import { getUpstreamQuota, listUpstreamQuotas } from './upstream-quotas.js';
import { getUpstream, listUpstreams } from './upstreams.js';
import { usageReport } from './usage-report.js';

/** In the order in which they are listed. */
export const TOOLS: readonly Tool[] = [
  serviceStatus(() => TOOLS.filter(({ effect }) => effect === 'reads').length),
  listPools,
  getPool,
  listUpstreams,
  getUpstream,
  listPoolApiKeys,
  getPoolApiKey,
  listUpstreamQuotas,
  getUpstreamQuota,
  listOperators,
  getOperator,
  listInvites,
  getInvite,
  listRequestLogs,
  getRequestLog,
  listAuditLogs,
  getAuditLog,
  explainRoute,
  usageReport,
  listIncidents,
  ...ACCOUNT_ACTIONS,
];
