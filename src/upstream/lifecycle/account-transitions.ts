import type { AccountStatus } from '../upstream-account.entity.js';
import { AccountRefused } from './account-refused.js';

/** `none`: before its first login. */
export const LIFECYCLE_STATES = ['none', 'active', 'paused', 'draining', 'login_required', 'deleted'] as const;

export type LifecycleState = (typeof LIFECYCLE_STATES)[number];

/**
 * `link`: the first login. `relink`: another one of the same identity. `login_lost`: the provider refused the refresh
 * token for good. The others are the operator's words.
 */
export const LIFECYCLE_EVENTS = ['link', 'relink', 'pause', 'resume', 'drain', 'login_lost', 'delete'] as const;

export type LifecycleEvent = (typeof LIFECYCLE_EVENTS)[number];

/** Why an event has no effect in a state. */
export type TransitionRefusal =
  'account_unknown' | 'account_deleted' | 'already_linked' | 'login_required' | 'not_serving';

export type Transition = { readonly to: AccountStatus } | { readonly refused: TransitionRefusal };

const to = (status: AccountStatus): Transition => ({ to: status });
const refused = (refusal: TransitionRefusal): Transition => ({ refused: refusal });
const UNKNOWN = refused('account_unknown');
const DELETED = refused('account_deleted');
const LINKED = refused('already_linked');
const LOGIN_REQUIRED = refused('login_required');

/**
 * What becomes of an account. New credentials change what the provider thinks of it, not what its operator decided: they
 * bring back an account that had lost its login, and leave a paused or a draining one as it is.
 */
const TRANSITIONS: Readonly<Record<LifecycleState, Readonly<Record<LifecycleEvent, Transition>>>> = {
  none: {
    link: to('active'),
    relink: UNKNOWN,
    pause: UNKNOWN,
    resume: UNKNOWN,
    drain: UNKNOWN,
    login_lost: UNKNOWN,
    delete: UNKNOWN,
  },
  active: {
    link: LINKED,
    relink: to('active'),
    pause: to('paused'),
    resume: to('active'),
    drain: to('draining'),
    login_lost: to('login_required'),
    delete: to('deleted'),
  },
  paused: {
    link: LINKED,
    relink: to('paused'),
    pause: to('paused'),
    resume: to('active'),
    drain: refused('not_serving'),
    login_lost: to('login_required'),
    delete: to('deleted'),
  },
  draining: {
    link: LINKED,
    relink: to('draining'),
    pause: to('paused'),
    resume: to('active'),
    drain: to('draining'),
    login_lost: to('login_required'),
    delete: to('deleted'),
  },
  login_required: {
    link: LINKED,
    relink: to('active'),
    pause: LOGIN_REQUIRED,
    resume: LOGIN_REQUIRED,
    drain: LOGIN_REQUIRED,
    login_lost: to('login_required'),
    delete: to('deleted'),
  },
  deleted: {
    link: DELETED,
    relink: DELETED,
    pause: DELETED,
    resume: DELETED,
    drain: DELETED,
    login_lost: DELETED,
    delete: DELETED,
  },
};

/** Every change of an account's status is one of these. */
export const transition = (from: LifecycleState, event: LifecycleEvent): Transition => TRANSITIONS[from][event];

/** @throws AccountRefused where the event has no effect */
export function reached(from: LifecycleState, event: LifecycleEvent): AccountStatus {
  const next = transition(from, event);
  if ('refused' in next) throw new AccountRefused(next.refused);
  return next.to;
}
