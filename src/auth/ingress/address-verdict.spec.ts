import { guardOf, verdictOf } from './address-verdict.js';
import type { IngressSettings } from './ingress-settings.js';

const settings = (over: Partial<IngressSettings> = {}): IngressSettings => ({
  allowList: [],
  operatorAllowList: [],
  trustedProxies: ['10.0.0.0/8'],
  source: 'x_forwarded_for',
  depth: 0,
  version: 0,
  ...over,
});
const through = (chain: string) => ({ peer: '10.0.0.1', headers: { 'x-forwarded-for': chain } });
const from = (peer: string) => ({ peer, headers: {} });

describe('the list that a path is under', () => {
  it.each([
    ['/backend-api/codex/responses', 'callers'],
    ['/api/codex/usage', 'callers'],
    ['/wham/usage', 'callers'],
    ['/v1/responses', 'callers'],
    ['/v1', 'callers'],
    ['/mcp', 'callers'],
    ['/api/v1/pools', 'operators'],
    ['/api/docs', 'operators'],
    ['/healthz', undefined],
    ['/readyz', undefined],
    ['/metrics', undefined],
    ['/', undefined],
  ])('of %s is that of %s', (path, guarded) => {
    expect(guardOf(path)).toBe(guarded);
  });
});

describe('who may call', () => {
  it('is everybody where there is no list', () => {
    expect(verdictOf(settings(), 'callers', from('192.0.2.7'))).toEqual({ ok: true, address: '192.0.2.7' });
    expect(verdictOf(settings(), 'callers', { headers: {} })).toEqual({ ok: true });
  });

  it('is who is on the list, by the address that the request really came from', () => {
    const listed = settings({ allowList: ['192.0.2.0/24'] });
    expect(verdictOf(listed, 'callers', from('192.0.2.7'))).toEqual({ ok: true, address: '192.0.2.7' });
    expect(verdictOf(listed, 'callers', through('192.0.2.7'))).toEqual({ ok: true, address: '192.0.2.7' });
    const denied = { ok: false, why: 'address' };
    expect(verdictOf(listed, 'callers', from('198.51.100.1'))).toEqual(denied);
    expect(verdictOf(listed, 'callers', through('192.0.2.7, 198.51.100.1'))).toEqual(denied);
    const forged = { peer: '198.51.100.1', headers: { 'x-forwarded-for': '192.0.2.7' } };
    expect(verdictOf(listed, 'callers', forged)).toEqual(denied);
    expect(verdictOf(listed, 'callers', { headers: {} })).toEqual(denied);
  });

  it('differs between callers and operators', () => {
    const listed = settings({ allowList: ['192.0.2.0/24'], operatorAllowList: ['198.51.100.0/24'] });
    const verdicts = (peer: string) => [
      verdictOf(listed, 'callers', from(peer)).ok,
      verdictOf(listed, 'operators', from(peer)).ok,
    ];
    expect([verdicts('192.0.2.7'), verdicts('198.51.100.1')]).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  it('is nobody where the list cannot be understood', () => {
    const broken = settings({ allowList: 'nobody' });
    expect(verdictOf(broken, 'callers', from('192.0.2.7'))).toEqual({ ok: false, why: 'address' });
    expect(verdictOf(broken, 'operators', from('192.0.2.7'))).toEqual({ ok: true, address: '192.0.2.7' });
  });

  it('is nobody for whom a proxy speaks in a way that cannot be believed, list or not', () => {
    expect(verdictOf(settings(), 'callers', through('192.0.2.7, unknown'))).toEqual({ ok: false, why: 'forwarding' });
    const everybody = settings({ allowList: ['0.0.0.0/0', '::/0'] });
    expect(verdictOf(everybody, 'callers', through('junk'))).toEqual({ ok: false, why: 'forwarding' });
  });
});
