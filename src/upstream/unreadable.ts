import { GatewayError } from '../core/index.js';

/** The database is away: which accounts there are, or what it takes to act as one, cannot be read. Nobody was asked. */
export function unreadable(cause: unknown): never {
  throw new GatewayError('settings_unavailable', 'Accounts cannot be checked right now; try again.', {
    unsent: true,
    cause,
  });
}
