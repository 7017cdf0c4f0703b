import { GatewayError } from '../../core/index.js';

/** Neither whether the queue was full or the wait too long, nor where there was no place, is told. */
export const gatewayBusy = (): GatewayError => new GatewayError('server_is_overloaded', 'gateway is busy, try again');
