import { isOver, loginAfter, type LoginEvent, type LoginStatus } from './login-flow-state.js';

const STATUSES: readonly LoginStatus[] = ['pending', 'exchanging', 'completed', 'failed', 'cancelled', 'expired'];
const EVENTS: readonly LoginEvent[] = ['code', 'linked', 'refused', 'interrupted', 'cancel', 'late'];

const EDGES: readonly (readonly [LoginStatus, LoginEvent, LoginStatus])[] = [
  ['pending', 'code', 'exchanging'],
  ['pending', 'refused', 'failed'],
  ['pending', 'cancel', 'cancelled'],
  ['pending', 'late', 'expired'],
  ['exchanging', 'linked', 'completed'],
  ['exchanging', 'refused', 'failed'],
  ['exchanging', 'interrupted', 'failed'],
];
const isEdge = (from: LoginStatus, event: LoginEvent): boolean =>
  EDGES.some(([status, each]) => status === from && each === event);
const NO_EDGES = STATUSES.flatMap((status) =>
  EVENTS.filter((event) => !isEdge(status, event)).map((event) => [status, event] as const),
);

describe('a login', () => {
  it.each(EDGES)('that is %s is, after %s, %s', (from, event, to) => {
    expect(loginAfter(from, event)).toBe(to);
  });

  it.each(NO_EDGES)('that is %s knows no %s', (status, event) => {
    expect(loginAfter(status, event)).toBeUndefined();
  });

  it('is over when nothing leads on', () => {
    expect(STATUSES.filter(isOver)).toEqual(['completed', 'failed', 'cancelled', 'expired']);
  });
});
