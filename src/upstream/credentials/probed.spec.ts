import { GatewayError, LoginRequired, type AccountAccess, type AccountId } from '../../core/index.js';
import { fakeLogin } from '../../../test/support/fake-login.js';
import { probed } from './probed.js';

const NOW_MS = 1_790_000_000_000;
const MINUTE_MS = 60_000;
const id = '00000000-0000-4000-8000-0000000000b1' as AccountId;
const unauthorized = new GatewayError('upstream_account_rejected', 'm', { upstreamStatus: 401 });

describe('a question to an upstream about an account', () => {
  const start = (endsInMs: number | undefined, { counts = true } = {}) => {
    const accessToken = endsInMs === undefined ? 'opaque' : fakeLogin({ expiresAtMs: NOW_MS + endsInMs }).accessToken;
    const access: AccountAccess = { id, accessToken, credentialEpoch: 1 };
    const fresh: AccountAccess = {
      ...access,
      accessToken: fakeLogin({ generation: 1 }).accessToken,
      credentialEpoch: 2,
    };
    const rejected: unknown[][] = [];
    const asked: number[] = [];
    const credentials = {
      access: async () => access,
      refreshed: async () => fresh,
      rejected: async ({ credentialEpoch }: AccountAccess, ...rest: unknown[]) =>
        rejected.push([credentialEpoch, ...rest]) > 0 && counts,
    };
    const ask = (answer: (epoch: number) => string) =>
      probed(
        credentials,
        access,
        async ({ credentialEpoch }) => {
          asked.push(credentialEpoch);
          return answer(credentialEpoch);
        },
        () => NOW_MS,
      );
    return { ask, asked, rejected };
  };
  const refuse = (): string => {
    throw unauthorized;
  };

  it('costs the account its login when its token, far from its end, is refused', async () => {
    const { ask, asked, rejected } = start(5 * MINUTE_MS + 1_000);
    await expect(ask(refuse)).rejects.toEqual(new LoginRequired('usage_rejected'));
    expect([asked, rejected]).toEqual([[1], [[1, NOW_MS, 'usage_rejected']]]);
  });

  it('changes nothing when the refusal does not count', async () => {
    const { ask, asked } = start(5 * MINUTE_MS + 1_000, { counts: false });
    await expect(ask(refuse)).rejects.toBe(unauthorized);
    expect(asked).toEqual([1]);
  });

  it.each([
    ['is near its end', 5 * MINUTE_MS],
    ['has ended', -1],
    ['does not say when it ends', undefined],
  ])('is asked once more with new tokens when one that %s is refused', async (_, endsInMs) => {
    const { ask, asked, rejected } = start(endsInMs);
    expect(await ask((epoch) => (epoch === 1 ? refuse() : 'fine'))).toBe('fine');
    expect([asked, rejected]).toEqual([[1, 2], []]);
  });

  it('is not asked a third time: new tokens that are refused are no better', async () => {
    const { ask, asked, rejected } = start(-1);
    await expect(ask(refuse)).rejects.toEqual(new LoginRequired('usage_rejected'));
    expect([asked, rejected]).toEqual([[1, 2], [[2, NOW_MS, 'usage_rejected']]]);
  });

  it('fails as it does when it fails for anything else', async () => {
    const { ask, rejected } = start(-1);
    const away = new GatewayError('upstream_error', 'm', { upstreamStatus: 503 });
    await expect(
      ask(() => {
        throw away;
      }),
    ).rejects.toBe(away);
    expect(rejected).toEqual([]);
  });
});
