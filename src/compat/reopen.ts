import { GatewayError } from '../core/index.js';

/** The upstream socket that a turn goes on from is gone. Both CLI generations take it as "open a new websocket". */
export const reopen = (): GatewayError =>
  new GatewayError('websocket_connection_limit_reached', 'Open a new websocket and send the full input.');
