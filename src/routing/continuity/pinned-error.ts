import { GatewayError } from '../../core/index.js';
import type { ExclusionReason } from '../decision.js';

/**
 * That nobody can go on with a call but an account that cannot serve it. How the client gets on is told in its own
 * dialect: it sends everything again, without naming what it went on from. Source: runtime contract §5.6.
 *
 * @param reason why the account cannot serve; absent: there is no such account in the Pool any more
 */
export function pinnedError(reason: ExclusionReason | undefined): GatewayError {
  if (reason === 'login_required') {
    return new GatewayError(
      'pinned_continuation_reauth_required',
      'This continuation is bound to an account that needs re-authentication; ' +
        'resend the full visible context without continuation anchors',
    );
  }
  return new GatewayError(
    'pinned_continuation_unavailable',
    'This continuation is bound to an account that cannot serve it now; ' +
      'resend the full visible context without continuation anchors',
    { param: 'model' },
  );
}
