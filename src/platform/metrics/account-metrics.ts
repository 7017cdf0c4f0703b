import { ROUTE_CLASSES } from '../../core/index.js';
import { ACCOUNT, POOL, type MetricSpec } from './metric-spec.js';

const WINDOW = { atMost: 20 } as const;
const CLASSES = [...ROUTE_CLASSES, '*'] as const;

/** Accounts and what is left of them. What the database says is told by workers, so that it is told once. */
export const ACCOUNTS = {
  gw_account_quota_used_ratio: {
    kind: 'gauge',
    help: 'How much of a quota window is used; without accounts the fullest',
    role: 'worker',
    labels: { account: ACCOUNT, window: WINDOW },
    merge: 'max',
  },
  gw_account_quota_reset_seconds: {
    kind: 'gauge',
    help: 'Until a quota window begins anew; without accounts the first',
    role: 'worker',
    labels: { account: ACCOUNT, window: WINDOW },
    merge: 'min',
  },
  gw_account_quota_age_seconds: {
    kind: 'gauge',
    help: 'Since a quota window was last heard of; without accounts the longest',
    role: 'worker',
    labels: { account: ACCOUNT, window: WINDOW },
    merge: 'max',
  },
  gw_account_state: {
    kind: 'gauge',
    help: '1 for the state that an account is in; without accounts how many are',
    role: 'worker',
    labels: {
      account: ACCOUNT,
      state: ['active', 'paused', 'draining', 'login_required', 'refresh_failing', 'cooling_down'],
    },
    merge: 'sum',
  },
  gw_account_cap: {
    kind: 'gauge',
    help: 'Calls that an account may serve at once',
    role: 'worker',
    labels: { account: ACCOUNT },
    merge: 'sum',
  },
  gw_account_inflight: {
    kind: 'gauge',
    help: 'Calls of this process that an account is serving',
    role: 'gateway',
    labels: { account: ACCOUNT },
    merge: 'sum',
  },
  gw_pool_headroom_ratio: {
    kind: 'gauge',
    help: 'How much of their windows the active accounts of a Pool have left; without Pools of the fullest',
    role: 'worker',
    labels: { pool: POOL, window: WINDOW },
    merge: 'min',
  },
  gw_pool_accounts_usable: {
    kind: 'gauge',
    help: 'Accounts of a Pool that could serve a call now; without Pools of the emptiest',
    role: 'worker',
    labels: { pool: POOL },
    merge: 'min',
  },
  gw_token_expiry_seconds: {
    kind: 'gauge',
    help: 'Until an access token ends; without accounts the first',
    role: 'worker',
    labels: { account: ACCOUNT },
    merge: 'min',
  },
  gw_token_refresh_total: {
    kind: 'counter',
    help: 'Refreshes of tokens by this process',
    role: 'every',
    labels: { result: ['succeeded', 'login_required', 'answer_lost', 'failed'] },
  },
  gw_circuit_state: {
    kind: 'gauge',
    help: 'Circuits that are not closed',
    role: 'worker',
    labels: { route_class: CLASSES, state: ['open', 'half_open'] },
    merge: 'sum',
  },
  gw_circuit_transitions_total: {
    kind: 'counter',
    help: 'Circuits that this process found to open or close',
    role: 'gateway',
    labels: {
      route_class: CLASSES,
      transition: ['opened', 'probed', 'closed'],
      reason_class: ['none', 'client', 'limits', 'pool', 'account', 'upstream', 'gateway'],
    },
  },
} as const satisfies Readonly<Record<string, MetricSpec>>;
