import { isOperation } from './operations.js';
import { quotaHeaders } from './quota-report.js';
import type { RecordedRequest } from './recorded-request.js';
import type { ScriptedAccount } from './scripted-account.js';
import type { Headers } from './wire.js';

/** What the real backend puts on its answers, including headers that must not reach a gateway's client. */
export function baseHeaders(request: RecordedRequest, account: ScriptedAccount | undefined): Headers {
  const common = { 'x-request-id': `upstream-${request.route}-${String(request.ordinal)}` };
  if (request.route !== 'responses' && request.route !== 'upgrade' && !isOperation(request.route)) return common;
  const edge = { 'cf-ray': 'simulated', 'set-cookie': '__cf_bm=simulated; path=/; HttpOnly' };
  return { ...common, ...edge, ...(account === undefined ? {} : quotaHeaders(account)) };
}
