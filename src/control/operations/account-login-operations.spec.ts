import { randomBytes } from 'node:crypto';
import { PoolService, type Pool } from '../../auth/index.js';
import { anActor, controlOf } from '../../../test/support/control.js';
import { fakeLogin } from '../../../test/support/fake-login.js';
import { forTheBlock } from '../../../test/support/for-the-block.js';
import { useGateway } from '../../../test/support/gateway.js';
import { ScriptedPlatform } from '../../../test/support/scripted-platform.js';
import { ScriptedUpstream } from '../../../test/support/scripted-upstream/index.js';

// A whole gateway starts: a busy machine takes its time.
jest.setTimeout(60_000);

describe('logins that operators bring', () => {
  const upstream = new ScriptedUpstream();
  const platform = new ScriptedPlatform();
  const env = { OPENAI_UPSTREAM_BASE_URL: '' };
  forTheBlock(
    async () => {
      await platform.start();
      env.OPENAI_UPSTREAM_BASE_URL = platform.url;
    },
    () => platform.stop(),
  );
  const gateway = useGateway({ upstream, env });
  const { run, told, audit } = controlOf(() => gateway);
  const authJson = (name: string): string => upstream.addAccount({ accountId: `acc_${name}` }).login.authJson;
  let other: Pool;
  beforeAll(async () => {
    other = await gateway.get(PoolService).createPool('other');
  });

  it('become accounts that serve a Pool, and are proven', async () => {
    const { status, output } = await run('accounts.import', {
      ...{ label: 'carol', pool: 'test', priority: 2 },
      authJson: authJson('carol'),
    });
    expect([status, output]).toEqual([
      201,
      expect.objectContaining({
        outcome: 'created',
        proof: 'proven',
        account: expect.objectContaining({
          label: 'carol',
          pools: [expect.objectContaining({ pool: 'test', priority: 2 })] as unknown,
        }) as unknown,
      }),
    ]);
  });

  it('stand in the audit as fingerprints', async () => {
    const { login } = upstream.addAccount({ accountId: 'acc_dave' });
    await run('accounts.import', { label: 'dave', pool: 'test', authJson: login.authJson, prove: false });
    const [event] = await audit();
    expect(event).toMatchObject({
      action: 'account.import',
      outcome: 'success',
      target_label: 'dave',
      pool_id: gateway.pool.id,
    });
    const [begun] = (await audit()).filter(({ outcome }) => outcome === 'begun');
    expect(begun).toMatchObject({
      details: { asked: { authJson: expect.stringMatching(/^sha256:[0-9a-f]{12}$/) as unknown } },
    });
    const all = JSON.stringify(await gateway.database().query('SELECT details FROM audit_event'));
    for (const secret of [login.accessToken, login.refreshToken, login.idToken, 'acc_dave@example.test']) {
      expect(all).not.toContain(secret);
    }
  });

  it('answer the same under the same key, and are taken once', async () => {
    const input = { label: 'erin', pool: 'test', authJson: authJson('erin') };
    const calls = upstream.tokenCalls;
    const wishes = { idempotencyKey: 'import-erin' };
    const first = await run('accounts.import', input, anActor(), wishes);
    expect(await run('accounts.import', input, anActor(), wishes)).toEqual(first);
    expect(upstream.tokenCalls).toBe(calls + 1);
    const different = run('accounts.import', { ...input, label: 'else' }, anActor(), wishes);
    await expect(different).rejects.toMatchObject({ code: 'unprocessable' });
  });

  it.each([
    ['is no JSON', '{', 'unprocessable', 'invalid_json'],
    ['is nobody’s', fakeLogin({ accountId: 'acc_dead' }).authJson, 'unprocessable', 'login_dead'],
    ['is too long', ' '.repeat(65 * 1_024), 'unprocessable', 'too_large'],
  ])('are refused in words when the file %s', async (_, text, code, reason) => {
    const refused = run('accounts.import', { label: 'x', pool: 'test', authJson: text });
    await expect(refused).rejects.toMatchObject({ code, reason });
  });

  it('are refused under the name of another account, and for a Pool that nobody knows', async () => {
    const named = run('accounts.import', { label: 'carol', pool: 'test', authJson: authJson('frank') });
    await expect(named).rejects.toMatchObject({ code: 'conflict', reason: 'label_taken' });
    const placed = run('accounts.import', { label: 'y', pool: 'none', authJson: '{}' });
    await expect(placed).rejects.toMatchObject({ code: 'not_found' });
  });

  it('cannot be used to take an account over from another Pool', async () => {
    const mine = anActor({ poolIds: [other.id] });
    const carol = upstream.accounts.find(({ id }) => id === 'acc_carol');
    const stolen = { label: 'mine', pool: 'other', authJson: carol?.rotate().authJson };
    await expect(run('accounts.import', stolen, mine)).rejects.toMatchObject({
      code: 'forbidden',
      reason: 'serves_elsewhere',
    });
    expect(await told('accounts.get', { account: 'carol' })).toMatchObject({ pools: [{ pool: 'test' }] });
    await expect(run('accounts.import', { ...stolen, pool: 'test' }, mine)).rejects.toMatchObject({
      code: 'not_found',
    });
    const own = { label: 'gina', pool: 'other', authJson: authJson('gina') };
    expect(await told('accounts.import', own, mine)).toMatchObject({ outcome: 'created' });
  });

  it('take the place of an account’s own, when they are of the same person', async () => {
    const carol = upstream.accounts.find(({ id }) => id === 'acc_carol');
    const renewed = { account: 'carol', authJson: carol?.rotate().authJson };
    expect(await told('accounts.relink', renewed)).toMatchObject({ outcome: 'updated', proof: 'proven' });
    const stranger = run('accounts.relink', { account: 'carol', authJson: authJson('henry') });
    await expect(stranger).rejects.toMatchObject({ code: 'unprocessable', reason: 'identity_mismatch' });
  });

  it('may be Platform keys, which the provider has to take', async () => {
    const apiKey = `sk-proj-${randomBytes(24).toString('hex')}`;
    const input = { label: 'overflow', pool: 'test', apiKey };
    await expect(run('accounts.addKey', input)).rejects.toMatchObject({
      code: 'unprocessable',
      reason: 'api_key_refused',
    });
    platform.keys.add(apiKey);
    expect(await told('accounts.addKey', input)).toMatchObject({
      outcome: 'created',
      proof: 'proven',
      account: { kind: 'openai', email: null },
    });
    expect(JSON.stringify(await gateway.database().query('SELECT details FROM audit_event'))).not.toContain(apiKey);
  });
});
