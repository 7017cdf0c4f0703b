import { nextPoll } from './login-job.js';
import type { LoginFlowView } from './login-flow-row.js';

const NOW_MS = 1_790_000_000_000;
const pending: LoginFlowView = {
  id: 'f',
  kind: 'device',
  purpose: 'link',
  label: 'alice',
  status: 'pending',
  pollAfterMs: NOW_MS + 5_000,
  expiresAtMs: NOW_MS + 600_000,
  createdAtMs: NOW_MS,
};
const idOf = (view: LoginFlowView, nowMs: number) => nextPoll(view, nowMs)?.options.deduplication?.id;

describe('the next poll of a login', () => {
  it('is due when the provider may be asked, once, and holds the id alone', () => {
    expect(nextPoll(pending, NOW_MS)).toMatchObject({ data: { flowId: 'f' }, options: { delay: 5_000, attempts: 1 } });
  });

  it('is the same for everybody who hands it over', () => {
    expect(idOf(pending, NOW_MS)).toBe(idOf(pending, NOW_MS + 3_000));
  });

  it('is another one than that which has just found somebody else polling', () => {
    const ran = NOW_MS + 5_000;
    expect(nextPoll(pending, ran)?.options.delay).toBe(1_000);
    expect(idOf(pending, ran)).not.toBe(idOf(pending, NOW_MS));
  });

  it('is none for a login in a browser, and for one that is over', () => {
    const { pollAfterMs: _, ...browser } = pending;
    expect(nextPoll(browser, NOW_MS)).toBeUndefined();
    expect(nextPoll({ ...pending, status: 'completed' }, NOW_MS)).toBeUndefined();
  });
});
