import fc from 'fast-check';
import { GatewayError, type ErrorCode } from '../../core/index.js';
import { MemorySharedState, SharedStateUnavailable } from '../../platform/shared-state/index.js';
import { CredentialThrottle, type Shown } from './credential-throttle.service.js';
import { IngressCounts } from './ingress-counts.service.js';

const key = (prefix: string, secret = 'A') =>
  `Bearer sk-cxp-${prefix.repeat(12).slice(0, 12)}-${secret.repeat(43).slice(0, 43)}`;
const GOOD = key('a', 'good');
const WRONG = key('a', 'wrong');

function world(perMinute = 300) {
  let nowMs = 1_800_000_000_000;
  const counts = new IngressCounts();
  const shared = new MemorySharedState(() => nowMs);
  const made = () => new CredentialThrottle(shared, counts, { AUTH_FAILURES_PER_MINUTE: perMinute });
  const throttle = made();
  const asked: unknown[] = [];
  const show = async (
    credential: string | undefined,
    { address = '192.0.2.7', door = 'pool_key', by = throttle, code = 'api_key_missing' }: Show = {},
  ): Promise<string> => {
    try {
      return await by.tried({ door, address, credential }, nowMs, async () => {
        asked.push(credential);
        if (credential !== GOOD) throw new GatewayError(code, 'no');
        return 'served';
      });
    } catch (error) {
      const { code: refused, detail } = GatewayError.from(error);
      return detail.retryAfterMs === undefined ? refused : `${refused} ${detail.retryAfterMs}`;
    }
  };
  const times = async (count: number, credential: string, options: Show = {}) => {
    const answers: string[] = [];
    for (let n = 0; n < count; n += 1) answers.push(await show(credential, options));
    return answers;
  };
  return { counts, asked, show, times, made, shared, pass: (ms: number) => void (nowMs += ms) };
}

interface Show {
  readonly address?: string;
  readonly door?: Shown['door'];
  readonly by?: CredentialThrottle;
  readonly code?: ErrorCode;
}

const THROTTLED = 'too_many_failed_credentials 5000';

describe('wrong credentials', () => {
  it('are refused as such, until there were too many; then they are not looked up', async () => {
    const { times, asked } = world(3);
    expect(await times(6, WRONG)).toEqual([
      ...Array<string>(3).fill('api_key_missing'),
      ...Array<string>(3).fill(THROTTLED),
    ]);
    expect(asked).toHaveLength(4);
  });

  it('of a Codex CLI never make it wait for the right one: 13 in 13 s, turn after turn', async () => {
    const { times, show, pass } = world();
    for (let turn = 0; turn < 30; turn += 1) {
      expect(new Set(await times(13, WRONG))).toEqual(new Set(['api_key_missing']));
      pass(13_000);
    }
    expect(await show(GOOD)).toBe('served');
  });

  it('stop nobody whose credential was good before', async () => {
    const { show, times } = world(3);
    expect(await show(GOOD)).toBe('served');
    expect((await times(9, WRONG)).at(-1)).toBe(THROTTLED);
    expect(await times(5, GOOD)).toEqual(Array<string>(5).fill('served'));
  });

  it('make a credential wait that was not seen yet, for seconds only', async () => {
    const { show, times, pass } = world(30);
    await times(40, WRONG);
    expect(await show(GOOD)).toMatch(/^too_many_failed_credentials [12]\d{3}$/);
    pass(2_001);
    expect(await show(GOOD)).toBe('served');
  });

  it('are told apart from the right one by nothing while one has to wait', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), async (guess) => {
        const { show, times } = world(1);
        await times(3, WRONG);
        expect(await show(guess)).toBe(await show(GOOD));
      }),
      { numRuns: 20 },
    );
  });

  it('count for the whole network of an address of IPv6, and for no other', async () => {
    const { show, times } = world(3);
    await times(6, WRONG, { address: '2001:db8::1' });
    expect(await show(key('b'), { address: '2001:db8::ffff:2' })).toContain('too_many');
    expect(await show(key('b'), { address: '2001:db8:0:1::1' })).toBe('api_key_missing');
  });

  it('count for themselves at each door', async () => {
    const { show, times } = world(3);
    await times(6, WRONG);
    expect([await show(WRONG, { door: 'operator' }), await show(WRONG, { door: 'mcp' })]).toEqual([
      'api_key_missing',
      'api_key_missing',
    ]);
  });

  it('count by the prefix that they name, against addresses that failed before and no others', async () => {
    const { show, times } = world(3);
    for (const last of [1, 2, 3, 4]) await times(1, key('a', `${last}`), { address: `198.51.100.${last}` });
    expect(await show(key('a', '1'), { address: '198.51.100.1' })).toContain('too_many');
    expect(await show(key('b', '1'), { address: '198.51.100.2' })).toBe('api_key_missing');
    expect(await show(GOOD, { address: '203.0.113.9' })).toBe('served');
  });

  it('of all replicas are counted together', async () => {
    const { times, show, made } = world(3);
    await times(3, WRONG);
    expect(await show(WRONG, { by: made() })).toContain('too_many');
  });

  it('are counted by each process for itself while there is no shared state', async () => {
    const { shared, times } = world(3);
    shared.take = () => Promise.reject(new SharedStateUnavailable(undefined));
    expect((await times(5, WRONG)).map((answer) => answer.split(' ')[0])).toEqual([
      ...Array<string>(3).fill('api_key_missing'),
      ...Array<string>(2).fill('too_many_failed_credentials'),
    ]);
  });

  it('are wrong as well where nobody is found without a word', async () => {
    const { counts, shared } = world();
    const throttle = new CredentialThrottle(shared, counts, { AUTH_FAILURES_PER_MINUTE: 1 });
    const shown: Shown = { door: 'mcp', address: undefined, credential: 'x' };
    const nobody = () => Promise.resolve(undefined);
    expect(await throttle.tried(shown, 0, nobody)).toBeUndefined();
    await expect(throttle.tried(shown, 0, nobody)).rejects.toMatchObject({ code: 'too_many_failed_credentials' });
    expect(counts.numbers()[0]).toEqual({ reason: 'credential_failed', at: 'mcp', count: 2 });
  });

  it('leave numbers', async () => {
    const { times, counts } = world(3);
    await times(6, WRONG);
    expect(counts.numbers()).toEqual([
      { reason: 'credential_failed', at: 'pool_key', count: 4 },
      { reason: 'credential_throttled', at: 'pool_key', count: 3 },
    ]);
  });
});

describe('what is no guess', () => {
  it.each<[string, ErrorCode]>([
    ['a key that was revoked', 'api_key_revoked'],
    ['one that is paused', 'api_key_paused'],
    ['one that nobody can look up', 'settings_unavailable'],
  ])('counts for nothing: %s', async (_, code) => {
    const { times } = world(3);
    expect(await times(9, WRONG, { code })).toEqual(Array<string>(9).fill(code));
  });

  it('counts for nothing: no credential at all, and it need not wait either', async () => {
    const { times, show } = world(3);
    for (let n = 0; n < 9; n += 1) expect(await show(undefined)).toBe('api_key_missing');
    await times(6, WRONG);
    expect(await show(undefined)).toBe('api_key_missing');
  });

  it('is a good credential any more once it turned out to be wrong', async () => {
    const { counts, shared } = world();
    const throttle = new CredentialThrottle(shared, counts, { AUTH_FAILURES_PER_MINUTE: 1 });
    const shown: Shown = { door: 'operator', address: '192.0.2.7', credential: 'x' };
    const wrong = () => Promise.reject(new GatewayError('api_key_missing', 'no'));
    await throttle.tried(shown, 0, async () => 'served');
    await expect(throttle.tried(shown, 0, wrong)).rejects.toMatchObject({ code: 'api_key_missing' });
    await expect(throttle.tried(shown, 0, wrong)).rejects.toMatchObject({ code: 'too_many_failed_credentials' });
  });
});
