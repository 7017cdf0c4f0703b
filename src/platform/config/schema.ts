import { z } from 'zod';
import { addressList } from './address-list.js';
import { isAllowList } from './allow-list.js';
import { metricsDetail } from './metrics-detail.js';
import { routeClassLimits } from './route-class-limits.js';

const ms = (fallback: number) => z.coerce.number().int().positive().default(fallback);
const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback);
const origin = (fallback: string) =>
  z
    .url({ protocol: /^https?$/ })
    .default(fallback)
    .transform((url) => url.replace(/\/+$/, ''));
/** `v2:<base64 of 32 bytes>,v1:<…>` */
const KEY_RING = /^[A-Za-z0-9_]{1,16}:[A-Za-z0-9+/]{43}=(,[A-Za-z0-9_]{1,16}:[A-Za-z0-9+/]{43}=)*$/;
const days = (fallback: number) => z.coerce.number().int().min(0).max(36_500).default(fallback);
/** Looked at even when a variable is wrong by itself; one that is no number is `NaN` then, which compares as false. */
const BESIDE_OTHER_PROBLEMS = { when: () => true };

/** The whole environment. A name that is not listed here is not read anywhere. */
export const environment = z
  .object({
    /** `local` serves one person on one machine: the login of its Codex CLI, a Pool `local`, no key unless one is set. */
    MODE: z.enum(['server', 'local']).default('server'),
    /** Loopback unless said otherwise: an embedded start on a laptop must not listen to its network. */
    HOST: z.string().min(1).default('127.0.0.1'),
    /** 0 takes a free port. Absent in local mode: 18080. */
    PORT: port(4000),
    /** The worker role serves its health probes here. */
    WORKER_PORT: port(4001),
    /** Where embedded PostgreSQL and the generated secret key live. */
    DATA_DIR: z.string().min(1).default('./data'),
    /** `postgres://…`. Absent: our own PostgreSQL is started under `DATA_DIR`. */
    DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
    /** Connections to PostgreSQL that one process may open. */
    DATABASE_POOL_SIZE: z.coerce.number().int().min(2).max(500).default(20),
    /** `redis://…`, `rediss://…`. Absent: shared state is in the process, queues in PostgreSQL; then only one process may run. */
    REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
    /** Folder of `postgres` and `initdb` for the embedded database, before all other places. */
    PG_BIN_DIR: z.string().min(1).optional(),
    /** Where else to look for `postgres`. */
    PATH: z.string().min(1).optional(),
    /**
     * Key ring for secrets at rest, `v2:<base64 of 32 bytes>,v1:…`; the first key encrypts, all decrypt. Absent: a key file
     * is made in `DATA_DIR`.
     */
    SECRET_KEYS: z.string().regex(KEY_RING, 'must be <id>:<base64 of 32 bytes>[,…]').optional(),
    /** Declarative file, applied at start. */
    SEED_FILE: z.string().min(1).optional(),
    /** The first operator token, taken at start while there is no other. */
    OPERATOR_TOKEN: z
      .string()
      .regex(
        /^opr-cxp-[0-9a-f]{12}-[A-Za-z0-9_-]{43}$/,
        'must read opr-cxp-<12 hex digits>-<43 characters of base64url>',
      )
      .optional(),
    /** The gateway that commands ask, in place of the database. */
    POOLER_URL: z.url({ protocol: /^https?$/ }).optional(),
    /** An operator token for that; better in a file. */
    POOLER_TOKEN: z.string().min(1).optional(),
    /** The file that holds it. */
    POOLER_TOKEN_FILE: z.string().min(1).optional(),
    /** Lets `POOLER_URL` be `http://` beyond this machine. */
    POOLER_INSECURE: z.stringbool().default(false),
    /** Where Codex keeps its login and its settings; read only. */
    CODEX_HOME: z.string().min(1).optional(),
    /** Local mode: the login, in place of the one in `CODEX_HOME`. */
    AUTH_JSON: z.string().min(1).optional(),
    /** Local mode: the one key that is asked for, whatever it looks like. Absent: none is. */
    API_KEY: z
      .string()
      .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces')
      .optional(),
    /** Local mode: listen to more than loopback although no key is asked for. */
    ALLOW_UNAUTHENTICATED: z.stringbool().default(false),
    /** Local mode: the model of requests that name none. Absent: that of Codex's own settings. */
    DEFAULT_MODEL: z.string().min(1).optional(),
    /** Whether paths below `/v1` that are not ours go to the upstream as they are. On in local mode, and only possible there. */
    RELAY_UNKNOWN_V1: z.stringbool().default(false),
    /** Whether models may look things up at `/mcp`, with a token for it. Off in local mode unless asked for. */
    MCP_ENABLED: z.stringbool().default(true),
    /**
     * Addresses and CIDR blocks, with commas between, from where the gateway may be called; empty: from everywhere. What
     * operators set while it runs goes before this and the next four.
     */
    IP_ALLOW_LIST: addressList,
    /** The same for the operators' API. */
    OPERATOR_IP_ALLOW_LIST: addressList,
    /** Who is believed when it says for whom it asks. */
    TRUSTED_PROXIES: addressList,
    /** Where those say it; `peer`: nobody is believed. */
    CLIENT_IP_SOURCE: z.enum(['peer', 'x_forwarded_for', 'x_real_ip']).default('x_forwarded_for'),
    /** Which address of `x-forwarded-for`, from the right; 0: the first one that is no trusted proxy. */
    FORWARDED_DEPTH: z.coerce.number().int().min(0).max(16).default(0),
    /** How many wrong credentials one address may show before it has to wait. A Codex CLI with a wrong key shows 60. */
    AUTH_FAILURES_PER_MINUTE: z.coerce.number().int().min(1).max(1_000_000).default(300),
    /** The Codex backend. */
    UPSTREAM_BASE_URL: origin('https://chatgpt.com'),
    /** Where accounts sign in, and tokens are refreshed. */
    OAUTH_ISSUER_URL: origin('https://auth.openai.com'),
    /** Where Platform API keys are good, with or without a trailing `/v1`. */
    OPENAI_UPSTREAM_BASE_URL: origin('https://api.openai.com'),
    /** The version we name when a call has no client of its own to name; old values hide new models upstream. */
    UPSTREAM_CLIENT_VERSION: z
      .string()
      .regex(/^\d+\.\d+\.\d+$/)
      .default('0.169.0'),
    /** Longest wait for a connection to an upstream. */
    UPSTREAM_CONNECT_MS: ms(15_000),
    /** Longest silence of the upstream, before the head and between bytes; a stream that moves is never cut. */
    UPSTREAM_IDLE_MS: ms(300_000),
    /** How long an answer that shows nothing yet is held back, so that another account may still take over. */
    RETRY_WINDOW_MS: ms(750),
    /** Calls that one account may serve at once, over all replicas, unless the account says otherwise. */
    ACCOUNT_CONCURRENCY: z.coerce.number().int().min(1).max(100_000).default(64),
    /** Calls of a class that may run at once, over all replicas: `stream=2000,compact=64`; a class not named keeps its default. */
    ROUTE_CLASS_LIMITS: routeClassLimits,
    /** Calls that may wait for a free place in this process; one more is refused at once. */
    QUEUE_SIZE: z.coerce.number().int().min(0).max(100_000).default(256),
    /** Longest that a call waits for a place, or for an account that is soon back. */
    QUEUE_WAIT_MS: ms(10_000),
    /** Silence towards a streaming client after which a keep-alive goes out. */
    KEEPALIVE_MS: ms(15_000),
    /** How long a slow client may take to send a body that makes no progress. */
    BODY_IDLE_MS: ms(30_000),
    /** Longest time that decompressing one body may take. */
    DECOMPRESSION_MS: ms(10_000),
    /** Largest body of a request, decompressed. */
    JSON_LIMIT_BYTES: z.coerce
      .number()
      .int()
      .positive()
      .default(64 * 1024 * 1024),
    /** Largest body as it comes, where it is compressed. */
    COMPRESSED_LIMIT_BYTES: z.coerce
      .number()
      .int()
      .positive()
      .default(32 * 1024 * 1024),
    /** How long open streams may go on after SIGTERM. */
    DRAIN_MS: ms(25_000),
    /** The first part of it: unready, but serving what a load balancer still sends that has not noticed. */
    DRAIN_DELAY_MS: z.coerce.number().int().min(0).default(0),
    /** When the platform kills: longer than `DRAIN_MS`. */
    TERMINATION_GRACE_MS: ms(30_000),
    /** How long the request log keeps a call, in days; 0 for ever, here and below. */
    RETENTION_REQUEST_DAYS: days(90),
    /** The same for its attempts. */
    RETENTION_ATTEMPT_DAYS: days(30),
    /** The same for what it used and cost. */
    RETENTION_LEDGER_DAYS: days(400),
    /** How long usage is kept by the hour; by the day it is kept for ever. */
    RETENTION_HOURLY_DAYS: days(400),
    /** How long the audit is kept. */
    RETENTION_AUDIT_DAYS: days(400),
    /** How long before its end an access token is refreshed by the worker. */
    REFRESH_MARGIN_MS: ms(600_000),
    /** A price list in our own format, looked for every hour by the worker. Absent: the list that we ship. */
    PRICES_URL: z.url({ protocol: /^https$/ }).optional(),
    /** Hosts (`host`, `host:port`) and networks that operators' URLs may lead to although they are not public. */
    EGRESS_ALLOW_LIST: z
      .string()
      .refine(
        isAllowList,
        'must be hosts, with or without a port, and networks, such as hooks.internal:8443,10.1.0.0/16',
      )
      .optional(),
    /** What is worth a log line. */
    LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
    /** Traces are off unless this is set; the OpenTelemetry SDK reads its other `OTEL_*` names itself. */
    OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
    /** The same, for traces alone. */
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.url().optional(),
    /** Turns traces off again. */
    OTEL_SDK_DISABLED: z.stringbool().default(false),
    /** Whether upstreams are told of our traces; they belong to somebody else. */
    UPSTREAM_TRACE_CONTEXT: z.stringbool().default(false),
    /** Prometheus reads `/metrics` here, on the address of HOST, in every role. 0: nothing is recorded. 0 in local mode. */
    METRICS_PORT: port(9464),
    /** The bearer token that it has to show; absent: none. */
    METRICS_TOKEN: z
      .string()
      .regex(/^[\x21-\x7e]{16,}$/, 'must be at least 16 characters of printable ASCII without spaces')
      .optional(),
    /** What metrics are told apart by beside their bounded labels: `pool`, `account`, or both with a comma. */
    METRICS_DETAIL: metricsDetail,
  })
  .refine((c) => !(c.DRAIN_MS >= c.TERMINATION_GRACE_MS), {
    ...BESIDE_OTHER_PROBLEMS,
    path: ['DRAIN_MS'],
    error: 'must be shorter than TERMINATION_GRACE_MS, or Kubernetes kills streams that we promised to finish',
  })
  .refine((c) => !(c.DRAIN_DELAY_MS >= c.DRAIN_MS), {
    ...BESIDE_OTHER_PROBLEMS,
    path: ['DRAIN_DELAY_MS'],
    error: 'must be shorter than DRAIN_MS, whose first part it is',
  })
  .refine((c) => !(c.COMPRESSED_LIMIT_BYTES > c.JSON_LIMIT_BYTES), {
    ...BESIDE_OTHER_PROBLEMS,
    path: ['COMPRESSED_LIMIT_BYTES'],
    error: 'must not exceed JSON_LIMIT_BYTES',
  })
  .refine((c) => c.MODE === 'local' || !c.RELAY_UNKNOWN_V1, {
    ...BESIDE_OTHER_PROBLEMS,
    path: ['RELAY_UNKNOWN_V1'],
    error: 'needs MODE=local: a path of a caller would meet an account of everybody',
  });

export type Config = Readonly<z.infer<typeof environment>>;

/** Injection token of the frozen configuration. */
export const CONFIG = Symbol('CONFIG');
