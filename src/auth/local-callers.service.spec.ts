import { GatewayError, type ErrorCode, type Principal } from '../core/index.js';
import { LocalCallers } from './local-callers.service.js';
import type { PoolKeyService } from './pool-key.service.js';
import { mintToken, TOKEN_RANDOM_BYTES } from './token-format.js';

const key = (fill: number): string => mintToken(Buffer.alloc(TOKEN_RANDOM_BYTES, fill));
const [OWNER, POOL_KEY, UNKNOWN, REVOKED] = [key(1), key(2), key(3), key(4)];
const NOW = 1_790_000_000_000;

/** Callers are named by their key. */
const callers = (apiKey?: string): LocalCallers => {
  const refused = (code: ErrorCode) => Promise.reject(new GatewayError(code, 'No.'));
  const authenticate = (authorization = ''): Promise<Principal> => {
    const shown = authorization.replace('Bearer ', '');
    if (shown === REVOKED) return refused('api_key_revoked');
    return shown === OWNER || shown === POOL_KEY
      ? Promise.resolve({ keyLabel: shown } as Principal)
      : refused('api_key_missing');
  };
  const local = new LocalCallers({ authenticate } as unknown as PoolKeyService);
  local.open({ token: OWNER, ...(apiKey === undefined ? {} : { apiKey }) });
  return local;
};
const callerOf = (local: LocalCallers, authorization?: string): Promise<string> =>
  local.authenticate(authorization, NOW).then(
    ({ keyLabel }) => keyLabel,
    (error: unknown) => GatewayError.from(error).code,
  );

describe('a caller in local mode', () => {
  it.each([undefined, '', 'Bearer', 'Bearer anything', 'Basic dTpw', 'Bearer sk-proj-1', `Bearer ${UNKNOWN}`])(
    'is its user where no key is asked for, whatever it shows: %p',
    async (authorization) => expect(await callerOf(callers(), authorization)).toBe(OWNER),
  );

  it.each(['Bearer mine', 'bearer mine', 'BEARER  mine'])('is its user with the one key: %p', async (authorization) => {
    expect(await callerOf(callers('mine'), authorization)).toBe(OWNER);
  });

  it.each([undefined, 'Bearer', 'Bearer ', 'Bearer Mine', 'Bearer minee', 'mine', `Bearer ${UNKNOWN}`])(
    'is nobody with anything else: %p',
    async (authorization) => expect(await callerOf(callers('mine'), authorization)).toBe('api_key_missing'),
  );

  it('is whom a Pool API key says, and nobody when it was revoked', async () => {
    for (const local of [callers(), callers('mine')]) {
      expect(await callerOf(local, `Bearer ${POOL_KEY}`)).toBe(POOL_KEY);
      expect(await callerOf(local, `Bearer ${REVOKED}`)).toBe('api_key_revoked');
    }
  });

  it('is nobody before the door is open', async () => {
    const local = new LocalCallers({} as PoolKeyService);
    expect(await callerOf(local)).toBe('api_key_missing');
    await expect(local.owner(NOW)).rejects.toMatchObject({ code: 'api_key_missing' });
  });
});
