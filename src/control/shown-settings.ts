import { isGiven, type Config } from '../platform/config/index.js';

type Shown = 'plain' | 'secret' | 'url';

/**
 * What may be told of each variable. `secret`: only whether it is set; also addresses of stores, in which passwords
 * stand. `url`: without what may be a credential in it.
 */
const SHOWN: Readonly<Record<keyof Config, Shown>> = {
  MODE: 'plain',
  HOST: 'plain',
  PORT: 'plain',
  WORKER_PORT: 'plain',
  DATA_DIR: 'plain',
  DATABASE_URL: 'secret',
  DATABASE_POOL_SIZE: 'plain',
  REDIS_URL: 'secret',
  PG_BIN_DIR: 'plain',
  PATH: 'plain',
  SECRET_KEYS: 'secret',
  SEED_FILE: 'plain',
  OPERATOR_TOKEN: 'secret',
  POOLER_URL: 'url',
  POOLER_TOKEN: 'secret',
  POOLER_TOKEN_FILE: 'plain',
  POOLER_INSECURE: 'plain',
  CODEX_HOME: 'plain',
  AUTH_JSON: 'plain',
  API_KEY: 'secret',
  ALLOW_UNAUTHENTICATED: 'plain',
  DEFAULT_MODEL: 'plain',
  RELAY_UNKNOWN_V1: 'plain',
  MCP_ENABLED: 'plain',
  IP_ALLOW_LIST: 'plain',
  OPERATOR_IP_ALLOW_LIST: 'plain',
  TRUSTED_PROXIES: 'plain',
  CLIENT_IP_SOURCE: 'plain',
  FORWARDED_DEPTH: 'plain',
  AUTH_FAILURES_PER_MINUTE: 'plain',
  UPSTREAM_BASE_URL: 'url',
  OAUTH_ISSUER_URL: 'url',
  OPENAI_UPSTREAM_BASE_URL: 'url',
  UPSTREAM_CLIENT_VERSION: 'plain',
  UPSTREAM_CONNECT_MS: 'plain',
  UPSTREAM_IDLE_MS: 'plain',
  RETRY_WINDOW_MS: 'plain',
  ACCOUNT_CONCURRENCY: 'plain',
  ROUTE_CLASS_LIMITS: 'plain',
  QUEUE_SIZE: 'plain',
  QUEUE_WAIT_MS: 'plain',
  KEEPALIVE_MS: 'plain',
  BODY_IDLE_MS: 'plain',
  DECOMPRESSION_MS: 'plain',
  JSON_LIMIT_BYTES: 'plain',
  COMPRESSED_LIMIT_BYTES: 'plain',
  DRAIN_MS: 'plain',
  DRAIN_DELAY_MS: 'plain',
  TERMINATION_GRACE_MS: 'plain',
  RETENTION_REQUEST_DAYS: 'plain',
  RETENTION_ATTEMPT_DAYS: 'plain',
  RETENTION_LEDGER_DAYS: 'plain',
  RETENTION_HOURLY_DAYS: 'plain',
  RETENTION_AUDIT_DAYS: 'plain',
  REFRESH_MARGIN_MS: 'plain',
  PRICES_URL: 'url',
  EGRESS_ALLOW_LIST: 'plain',
  LOG_LEVEL: 'plain',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'url',
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'url',
  OTEL_SDK_DISABLED: 'plain',
  UPSTREAM_TRACE_CONTEXT: 'plain',
  METRICS_PORT: 'plain',
  METRICS_TOKEN: 'secret',
  METRICS_DETAIL: 'plain',
};

/** A variable as it is now. */
export interface ShownSetting {
  readonly name: string;
  /** Of a secret: `set` or `not set`. Null: there is none. */
  readonly value: string | number | boolean | null;
  readonly secret: boolean;
  readonly source: 'environment' | 'default';
}

/** Everything that this process goes by, without secrets, in the order of the names. */
export const shownSettings = (config: Config): ShownSetting[] =>
  (Object.keys(SHOWN) as (keyof Config)[]).sort().map((name) => ({
    name,
    value: shownValue(config[name], SHOWN[name]),
    secret: SHOWN[name] === 'secret',
    source: isGiven(config, name) ? 'environment' : 'default',
  }));

function shownValue(value: Config[keyof Config], shown: Shown): ShownSetting['value'] {
  if (shown === 'secret') return value === undefined ? 'not set' : 'set';
  if (value === undefined) return null;
  if (typeof value === 'object') return listWords(value);
  return shown === 'url' ? withoutCredentials(String(value)) : value;
}

function withoutCredentials(url: string): string {
  const { origin, pathname } = new URL(url);
  return pathname === '/' ? origin : `${origin}${pathname}`;
}

/** As it is written in a variable. */
const listWords = (value: readonly string[] | Config['ROUTE_CLASS_LIMITS']): string =>
  isList(value)
    ? value.join(',')
    : Object.entries(value)
        .map(([name, each]) => `${name}=${each}`)
        .join(',');

const isList = (value: object): value is readonly string[] => Array.isArray(value);
