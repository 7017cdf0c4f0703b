import { AccountRefused } from './account-refused.js';
import {
  LIFECYCLE_EVENTS,
  LIFECYCLE_STATES,
  reached,
  transition,
  type LifecycleEvent,
  type LifecycleState,
  type TransitionRefusal,
} from './account-transitions.js';
import type { AccountStatus } from '../upstream-account.entity.js';

const EDGES: readonly (readonly [LifecycleState, LifecycleEvent, AccountStatus])[] = [
  ['none', 'link', 'active'],
  ['active', 'relink', 'active'],
  ['active', 'pause', 'paused'],
  ['active', 'resume', 'active'],
  ['active', 'drain', 'draining'],
  ['active', 'login_lost', 'login_required'],
  ['active', 'delete', 'deleted'],
  ['paused', 'relink', 'paused'],
  ['paused', 'pause', 'paused'],
  ['paused', 'resume', 'active'],
  ['paused', 'login_lost', 'login_required'],
  ['paused', 'delete', 'deleted'],
  ['draining', 'relink', 'draining'],
  ['draining', 'pause', 'paused'],
  ['draining', 'resume', 'active'],
  ['draining', 'drain', 'draining'],
  ['draining', 'login_lost', 'login_required'],
  ['draining', 'delete', 'deleted'],
  ['login_required', 'relink', 'active'],
  ['login_required', 'login_lost', 'login_required'],
  ['login_required', 'delete', 'deleted'],
];

const REFUSALS: readonly (readonly [LifecycleState, LifecycleEvent, TransitionRefusal])[] = [
  ['none', 'relink', 'account_unknown'],
  ['none', 'pause', 'account_unknown'],
  ['none', 'resume', 'account_unknown'],
  ['none', 'drain', 'account_unknown'],
  ['none', 'login_lost', 'account_unknown'],
  ['none', 'delete', 'account_unknown'],
  ['active', 'link', 'already_linked'],
  ['paused', 'link', 'already_linked'],
  ['paused', 'drain', 'not_serving'],
  ['draining', 'link', 'already_linked'],
  ['login_required', 'link', 'already_linked'],
  ['login_required', 'pause', 'login_required'],
  ['login_required', 'resume', 'login_required'],
  ['login_required', 'drain', 'login_required'],
  ['deleted', 'link', 'account_deleted'],
  ['deleted', 'relink', 'account_deleted'],
  ['deleted', 'pause', 'account_deleted'],
  ['deleted', 'resume', 'account_deleted'],
  ['deleted', 'drain', 'account_deleted'],
  ['deleted', 'login_lost', 'account_deleted'],
  ['deleted', 'delete', 'account_deleted'],
];

describe('an account', () => {
  it.each(EDGES)('that is %s is by %s %s', (from, event, to) => {
    expect(transition(from, event)).toEqual({ to });
    expect(reached(from, event)).toBe(to);
  });

  it.each(REFUSALS)('that is %s is refused %s: %s', (from, event, refused) => {
    expect(transition(from, event)).toEqual({ refused });
    expect(() => reached(from, event)).toThrow(new AccountRefused(refused));
  });

  it('has an answer for every event in every state, once', () => {
    const pairs = LIFECYCLE_STATES.flatMap((state) => LIFECYCLE_EVENTS.map((event) => `${state} ${event}`));
    const told = [...EDGES, ...REFUSALS].map(([state, event]) => `${state} ${event}`);
    expect(told.sort()).toEqual(pairs.sort());
  });
});
