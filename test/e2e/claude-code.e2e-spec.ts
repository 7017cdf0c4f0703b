import { PoolService } from '../../src/auth/index.js';
import { runClaude, type ClaudeRun } from '../support/claude-code.js';
import { eventually } from '../support/eventually.js';
import { useGateway } from '../support/gateway.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';

describe('the real Claude Code', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream });
  const home = temporaryFolder();

  beforeAll(() => gateway.get(PoolService).createPool('test', { anthropicModels: [['claude-*', 'gpt-5.5']] }));

  const ask = (prompt: string, over: Partial<ClaudeRun> = {}) =>
    runClaude({ url: gateway.url, key: gateway.key, prompt, home: home.path(), ...over });

  it('runs a tool that the model calls, and goes on in a second run where the first one ended', async () => {
    const first = await ask('Run it. [[tool {"cmd":"echo ping-42"}]]');
    expect(first).toMatchObject({ exitCode: 0, report: { is_error: false, num_turns: 2, result: 'TOOL_OK ping-42' } });

    const second = await ask('And now? [[turns]]', { args: ['--continue'] });
    expect(second).toMatchObject({
      exitCode: 0,
      report: {
        is_error: false,
        session_id: first.report?.session_id,
        result: expect.stringMatching(/^TURNS_OK users=2 assistants=\d/),
      },
    });
    await eventually(async () => {
      const rows = await gateway.ledger();
      expect(rows.filter(({ status }) => status !== 'succeeded')).toEqual([]);
      expect(rows.length).toBeGreaterThanOrEqual(3);
    });
  }, 120_000);

  it('says what is wrong with its key', async () => {
    const { exitCode, report } = await ask('[[say Never.]]', { key: 'sk-wrong' });

    expect(exitCode).toBe(1);
    expect(report).toMatchObject({ is_error: true, result: expect.stringMatching(/401|authenticat/i) });
  }, 60_000);
});
