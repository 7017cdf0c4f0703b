import type { DataSource } from 'typeorm';
import {
  IngressRules,
  KeyAdminService,
  OperatorToken,
  OperatorTokenAdmin,
  Pool,
  PoolKey,
  PoolService,
} from '../../src/auth/index.js';
import { IngressSettingsRow } from '../../src/auth/ingress/ingress-settings.entity.js';
import type { IngressEnvironment } from '../../src/auth/ingress/ingress-settings.js';
import { KeyBroadcast } from '../../src/auth/key-broadcast.service.js';
import { NamedThings } from '../../src/control/operations/named-things.service.js';
import { MemorySharedState } from '../../src/platform/shared-state/index.js';

export const AUTH_ENTITIES = [IngressSettingsRow, OperatorToken, Pool, PoolKey];

/** Pools, keys and tokens of one process, on a database with `AUTH_ENTITIES`. */
export function authServices(database: DataSource) {
  const broadcast = new KeyBroadcast(new MemorySharedState(() => 0));
  const pools = new PoolService(database.getRepository(Pool), broadcast);
  const keys = new KeyAdminService(database.getRepository(PoolKey), broadcast);
  const tokens = new OperatorTokenAdmin(database.getRepository(OperatorToken), broadcast);
  return { pools, keys, tokens, named: new NamedThings(pools, keys) };
}

/** Ingress rules that look at their row when they are asked. */
export const ingressRules = (database: DataSource, environment: IngressEnvironment): IngressRules =>
  new IngressRules(database.getRepository(IngressSettingsRow), new MemorySharedState(() => 0), environment);
