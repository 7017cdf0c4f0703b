import { ERRORS, ROUTE_CLASSES } from '../../core/index.js';
import { POOL, type MetricSpec } from './metric-spec.js';

const TRANSPORTS = ['http_sse', 'http_json', 'websocket'] as const;
const OUTCOMES = ['succeeded', 'failed', 'cancelled', 'rejected'] as const;
/** Who can change it, as in the table of errors. */
const BLAMES = ['none', 'client', 'limits', 'pool', 'account', 'upstream', 'gateway'] as const;
const MODEL = { atMost: 100 } as const;

/** Reasoning takes minutes, and a first token seconds: the buckets of web servers end where these begin. */
const CALL_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600];
const FIRST_SECONDS = [0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 7.5, 10, 15, 30, 60, 120];
const WAIT_SECONDS = [0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const ACCOUNTS = [0, 1, 2, 3, 5, 8, 12, 20, 50, 100];

/** Calls, and what they met on their way. */
export const TRAFFIC = {
  gw_requests_total: {
    kind: 'counter',
    help: 'Routed calls that are over, the refused ones too',
    role: 'gateway',
    labels: {
      route_class: ROUTE_CLASSES,
      surface: ['native', 'v1'],
      transport: TRANSPORTS,
      outcome: OUTCOMES,
      status_class: ['2xx', '3xx', '4xx', '5xx', 'none'],
      error_code: ['none', ...Object.keys(ERRORS)],
      blame: BLAMES,
      pool: POOL,
    },
  },
  gw_request_duration_seconds: {
    kind: 'histogram',
    help: 'From the arrival of a call to its end',
    role: 'gateway',
    labels: { route_class: ROUTE_CLASSES, transport: TRANSPORTS, outcome: OUTCOMES },
    buckets: CALL_SECONDS,
  },
  gw_ttft_seconds: {
    kind: 'histogram',
    help: 'From the arrival of a call to the first event that its client was given',
    role: 'gateway',
    labels: { route_class: ROUTE_CLASSES, transport: TRANSPORTS, outcome: OUTCOMES },
    buckets: FIRST_SECONDS,
  },
  gw_upstream_ttfb_seconds: {
    kind: 'histogram',
    help: 'From the sending of an attempt to the head of its answer',
    role: 'gateway',
    labels: { route_class: ROUTE_CLASSES, transport: ['http', 'websocket'] },
    buckets: FIRST_SECONDS,
  },
  gw_tokens_total: {
    kind: 'counter',
    help: 'Tokens that upstreams said calls used; the kinds do not overlap',
    role: 'gateway',
    labels: { kind: ['input', 'cached', 'cache_write', 'output', 'reasoning'], model: MODEL, pool: POOL },
  },
  gw_cost_usd_total: {
    kind: 'counter',
    help: 'What calls came to at list prices, as far as they are known',
    role: 'gateway',
    labels: { model: MODEL, pool: POOL },
  },
  gw_attempts_total: {
    kind: 'counter',
    help: 'Tries of calls against accounts',
    role: 'gateway',
    labels: { result: ['succeeded', 'failed', 'cancelled'], reason_class: BLAMES, failover: ['true', 'false'] },
  },
  gw_route_candidates: {
    kind: 'histogram',
    help: 'Accounts that were left after each stage of routing',
    role: 'gateway',
    labels: { stage: ['visible', 'compatible', 'circuit', 'quota', 'free'] },
    buckets: ACCOUNTS,
  },
  gw_route_exclusions_total: {
    kind: 'counter',
    help: 'Accounts that could not serve a call, by the first reason',
    role: 'gateway',
    labels: {
      reason: [
        'login_required',
        'paused',
        'draining',
        'operation_not_served',
        'model_not_served',
        'cooling_down',
        'circuit_open',
        'quota_exhausted',
        'quota_unknown',
        'saturated',
        'already_asked',
        'bound_elsewhere',
      ],
    },
  },
  gw_stream_outcome_total: {
    kind: 'counter',
    help: 'Answers that began to stream, by how they ended',
    role: 'gateway',
    labels: { outcome: OUTCOMES, transport: TRANSPORTS },
  },
  gw_key_limit_denied_total: {
    kind: 'counter',
    help: 'Calls that a limit of their key or Pool kept out',
    role: 'gateway',
    labels: { limit: { atMost: 20 } },
  },
  gw_admission_wait_seconds: {
    kind: 'histogram',
    help: 'How long calls waited to be let in, those that were not too',
    role: 'gateway',
    labels: { route_class: ROUTE_CLASSES },
    buckets: WAIT_SECONDS,
  },
  gw_admission_rejected_total: {
    kind: 'counter',
    help: 'Calls for which there was no room to wait',
    role: 'gateway',
    labels: { route_class: ROUTE_CLASSES },
  },
  gw_admission_timeout_total: {
    kind: 'counter',
    help: 'Calls that waited as long as they may, in vain',
    role: 'gateway',
    labels: { route_class: ROUTE_CLASSES },
  },
  gw_admission_running: {
    kind: 'gauge',
    help: 'Calls of this process that have a place',
    role: 'gateway',
    labels: { route_class: ROUTE_CLASSES },
  },
  gw_admission_queued: {
    kind: 'gauge',
    help: 'Calls of this process that wait for a place, or for an account',
    role: 'gateway',
    labels: {},
  },
  gw_stream_open: {
    kind: 'gauge',
    help: 'Replies in flight; a websocket counts as one',
    role: 'gateway',
    labels: { transport: ['http', 'websocket'] },
  },
  gw_ws_sessions: {
    kind: 'gauge',
    help: 'Websockets of clients that are open',
    role: 'gateway',
    labels: {},
  },
  gw_firewall_denied_total: {
    kind: 'counter',
    help: 'Requests that the ingress rules turned away',
    role: 'gateway',
    labels: {
      reason: ['address_denied', 'forwarding_denied', 'rules_unavailable'],
      scope: { atMost: 10 },
    },
  },
  gw_login_failures_total: {
    kind: 'counter',
    help: 'Credentials that were nobody’s, and those that were not looked at any more',
    role: 'gateway',
    labels: {
      door: ['pool_key', 'account', 'operator', 'mcp'],
      reason: ['credential_failed', 'credential_throttled'],
    },
  },
  gw_mcp_calls_total: {
    kind: 'counter',
    help: 'Tools that were called at the MCP endpoint',
    role: 'gateway',
    labels: { tool: { atMost: 100 }, result: ['succeeded', 'refused', 'failed'] },
  },
} as const satisfies Readonly<Record<string, MetricSpec>>;
