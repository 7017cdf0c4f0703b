import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FirstStartService } from '../../src/operator/index.js';
import { ApplyService } from '../../src/operator/apply.service.js';
import { AccountService } from '../../src/upstream/index.js';
import { fakeLogin } from '../support/fake-login.js';
import { useGateway } from '../support/gateway.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';

describe('a login that its provider refuses', () => {
  const upstream = new ScriptedUpstream();
  const folder = temporaryFolder();
  const env = { CODEX_HOME: '' };
  beforeAll(() => {
    env.CODEX_HOME = folder.path();
    const dead = fakeLogin({ accountId: 'acc_dead' }).authJson;
    for (const name of ['dead.json', 'auth.json']) writeFileSync(join(folder.path(), name), dead);
    writeFileSync(join(folder.path(), 'carol.json'), upstream.addAccount({ accountId: 'acc_carol' }).login.authJson);
    upstream.addAccount({ accountId: 'acc_alice' });
  });
  const gateway = useGateway({ upstream, env });
  const SEED = `pools:
  - slug: team
    accounts:
      - { label: dead, authJson: ./dead.json }
      - { label: carol, authJson: ./carol.json, priority: 2, maxConcurrent: 3 }
`;

  it('does not keep the others of a declarative file from serving', async () => {
    const applied = await gateway.get(ApplyService).apply(SEED, folder.path());
    expect(applied).toEqual([
      { what: 'Pool team' },
      { what: expect.stringMatching(/^account dead in team: .*\(invalid_grant\)\.$/) as string, refused: true },
      { what: 'account carol in team: unchanged' },
    ]);
    expect(await gateway.get(AccountService).findByLabel('carol')).toMatchObject({
      maxConcurrent: 3,
      assignments: [{ priority: 0 }, { priority: 2 }],
    });
  });

  it('is asked about once, however often the file is applied', async () => {
    const before = upstream.tokenCalls;
    await gateway.get(ApplyService).apply(SEED, folder.path());
    expect(upstream.tokenCalls).toBe(before);
  });

  it('does not keep a start from serving with the accounts that there are', async () => {
    const report = await gateway.get(FirstStartService).prepare({ importAuth: true, firstPool: false });
    expect(report).toEqual({ minted: [], accounts: 2 });
  });

  it('ends a start that has nothing else', async () => {
    await gateway.database().query(`UPDATE upstream_account SET status = 'login_required' WHERE status = 'active'`);
    const starting = gateway.get(FirstStartService).prepare({ importAuth: true, firstPool: false });
    await expect(starting).rejects.toMatchObject({ reason: 'login_dead' });
  });
});
