import type { Role } from './app.module.js';
import { isLoopback, ownOriginStep, type Route } from './auth/index.js';
import { relayPathStep } from './compat/index.js';
import type { Config } from './platform/config/index.js';
import type { IngressRequest, IngressStep } from './platform/http/index.js';

/** @throws Error in plain words when local mode was asked for in a way that would let strangers in, or cannot be */
export function refuseOpenDoor(config: Config, role: Role): void {
  const { MODE, HOST, API_KEY, ALLOW_UNAUTHENTICATED, REDIS_URL } = config;
  if (MODE !== 'local') return;
  if (role !== 'all') throw new Error('Local mode is one process: it has no --role.');
  if (REDIS_URL !== undefined) throw new Error('Local mode is one process: it takes no REDIS_URL.');
  if (API_KEY !== undefined || ALLOW_UNAUTHENTICATED || isLoopback(HOST)) return;
  throw new Error(
    `Without a key only this machine is served, and ${HOST} is more than that: set API_KEY or --api-key, ` +
      'or let everybody in who can reach it with --allow-unauthenticated.',
  );
}

/** What is checked in local mode before anything else. */
export function localSteps(config: Config, servedV1Routes: readonly Route[]): readonly IngressStep[] {
  return [
    ...(isOpen(config) ? [ownOriginStep(!isLoopback(config.HOST))] : []),
    ...(config.RELAY_UNKNOWN_V1 ? [relayPathStep(servedV1Routes)] : []),
  ];
}

/**
 * How callers are told apart in local mode. Where no key is asked for, clients that show two are not told that they do:
 * neither was made here.
 */
export function localShownBy(config: Config): { shownBy?: (request: IngressRequest) => string | undefined } {
  return isOpen(config) ? { shownBy: eitherOf } : {};
}

function eitherOf({ headers }: IngressRequest): string | undefined {
  const key = headers['x-api-key'];
  return headers.authorization ?? (typeof key === 'string' ? `Bearer ${key}` : undefined);
}

const isOpen = ({ MODE, API_KEY }: Config): boolean => MODE === 'local' && API_KEY === undefined;
