import { GatewayError } from '../../core/index.js';
import { useDatabase } from '../../../test/support/database.js';
import { linkedAccount } from '../../../test/support/linked-account.js';
import { LoginFamilies } from '../../../test/support/login-families.js';

describe('refused credentials', () => {
  const database = useDatabase();
  const start = () => linkedAccount(database.dataSource(), new LoginFamilies());
  const NOW_MS = Date.now();

  it('take the account out when nothing has succeeded with them lately', async () => {
    const { first, id, row } = await start();
    const access = await first.credentials.access({ id, credentialEpoch: 1 });
    expect(await first.credentials.rejected(access, NOW_MS, 'usage_rejected')).toBe(true);
    expect(await row()).toMatchObject({ status: 'login_required', status_reason: 'usage_rejected' });
    await expect(first.credentials.access(access)).rejects.toThrow(GatewayError);
  });

  it.each([
    ['a call has succeeded since', 'last_success_at = now()'],
    ['a call had succeeded just before', `last_success_at = now() - interval '50 s'`],
    ['there are new ones', 'credential_epoch = 2'],
    ['new ones are on their way', `refresh_state = 'in_flight', refresh_started_at = now()`],
  ])('say nothing when %s', async (_, columns) => {
    const { first, id, row, set } = await start();
    const access = await first.credentials.access({ id, credentialEpoch: 1 });
    await set(columns);
    expect(await first.credentials.rejected(access, NOW_MS, 'usage_rejected')).toBe(false);
    expect(await row()).toMatchObject({ status: 'active' });
  });
});
