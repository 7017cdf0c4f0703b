import { useCommandLine } from '../support/command-line.js';
import { eventually } from '../support/eventually.js';
import { ask, useGateway } from '../support/gateway.js';
import { hold, ScriptedUpstream } from '../support/scripted-upstream/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// A gateway and an application for commands, on a busy machine.
jest.setTimeout(60_000);

describe('what commands show of a gateway that runs', () => {
  const commands = useCommandLine(() => ({ DATA_DIR: folder.path(), DATABASE_URL: gateway.databaseUrl() }));
  const folder = temporaryFolder();
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream });
  const said = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await commands.run(args);
    expect([code, stderr]).toEqual([0, '']);
    return stdout.trim();
  };

  it('is what is open, and of which session', async () => {
    const held = hold();
    upstream.replyWith(held);
    const asking = gateway.post(ask(), { headers: { session_id: 'of-somebody' } });
    await held.start();
    await eventually(async () => {
      expect(await said('stream', 'list')).toMatch(
        /^OPEN_FOR +POOL +KEY +ACCOUNT +MODEL +TRANSPORT +ATTEMPTS +HOST +ID\n\d+ s +test +\S+ +acc_\w+ +gpt-5\.5 +http_sse +1 +/,
      );
    });
    expect(await said('stream', 'count')).toMatch(
      /^OF +NAME +OPEN\npool +test +1\nkey +\S+ +1\naccount +acc_\w+ +1\nOpen calls: 1\.$/,
    );
    expect(JSON.parse(await said('stream', 'list', '--json'))).toMatchObject([{ pool: 'test', attempts: 1 }]);
    const sessions = await said('session', 'list');
    expect(sessions).toMatch(
      /^SESSION +POOL +KEY +WITH +LAST_ACCOUNT +MODEL +CALLS +OPEN +LAST_CALL\n[0-9a-f]{16} +test +\S+ +- +acc_\w+ +gpt-5\.5 +1 +1 +/,
    );
    expect(sessions).not.toContain('of-somebody');
    await held.text('Hello');
    await held.finish();
    await (await asking).text();
    await eventually(async () => expect(await said('stream', 'list')).toBe('No call is open.'));
  });

  it('is what it goes by, without secrets', async () => {
    const shown = await said('settings', 'show');
    expect(shown).toMatch(/^NAME +VALUE +SOURCE\n/);
    expect(shown).toMatch(/^DATABASE_URL +set +environment$/m);
    expect(shown).toMatch(/^LOG_LEVEL +info +default$/m);
    expect(JSON.parse(await said('settings', 'show', '--json'))).toContainEqual({
      name: 'QUEUE_SIZE',
      value: 256,
      secret: false,
      source: 'default',
    });
  });

  it('is whether it is well, and if not, why', async () => {
    await eventually(
      async () => {
        const shown = await said('health');
        expect(shown).toMatch(/^database +answers in \d+ ms$/m);
        expect(shown).toMatch(/^gateway on \S+ +heard of \d+ s ago, 0 calls open$/m);
      },
      { withinMs: 20_000 },
    );
    await gateway.database().query(`UPDATE gateway_process SET heartbeat_at = now() - interval '1 hour'`);
    const { code, stderr } = await commands.run(['health']);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/A gateway on \S+ was not heard of for 3[56]\d\d s\./)]);
  });
});
