import { PriceService } from '../../src/accounting/index.js';
import { KeyAdminService } from '../../src/auth/index.js';
import { useCommandLine } from '../support/command-line.js';
import { eventually } from '../support/eventually.js';
import { bearer } from '../support/file-client.js';
import { ask, hello, useGateway } from '../support/gateway.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// Commands open an application each: a busy machine takes its time.
jest.setTimeout(60_000);

describe('what a command changes beside a running gateway, which share nothing but the database', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream });
  const folder = temporaryFolder();
  const commands = useCommandLine(() => ({ DATABASE_URL: gateway.databaseUrl(), DATA_DIR: folder.path() }));
  const run = async (...args: string[]) => expect(await commands.run(args)).toMatchObject({ code: 0, stderr: '' });

  it('holds within seconds: a price', async () => {
    await run('prices', 'set', 'gpt-5.5', '--input', '1.5', '--output', '2');
    const usage = { inputUncached: 1_000, inputCached: 0, cacheWrite: 0, output: 0, reasoning: 0 };
    await eventually(
      () => {
        const cost = gateway.get(PriceService).costOf({ model: 'gpt-5.5', usage });
        expect(cost).toMatchObject({ nanoUsd: 1_500_000 });
      },
      { withinMs: 10_000 },
    );
  });

  it('holds within seconds: a limit, set and taken away', async () => {
    const { key, token } = await gateway.get(KeyAdminService).createKey(gateway.pool.id, 'limited');
    const answered = async (status: number) =>
      eventually(async () => {
        upstream.replyWith(hello());
        const answer = await gateway.post(ask(), { headers: bearer(token) });
        await answer.text();
        expect(answer.status).toBe(status);
      });
    await answered(200);
    await run('key', 'limit', 'set', key.prefix, '--tokens-per-day', '1');
    await answered(429);
    await run('key', 'limit', 'remove', key.prefix);
    await answered(200);
  });
});
