import { CODEX_VERSIONS, runCodex, type CodexRun } from '../support/codex-cli.js';
import { eventually } from '../support/eventually.js';
import { useGateway } from '../support/gateway.js';
import { cutAfter, say, ScriptedUpstream } from '../support/scripted-upstream/index.js';

describe.each(CODEX_VERSIONS)('a real Codex CLI %s that is pointed at /v1', (version) => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream });
  const ask = (prompt: string, over: Partial<CodexRun> = {}) =>
    runCodex({
      version,
      providerName: 'Codex Pooler',
      baseUrl: `${gateway.url}/v1`,
      key: gateway.key,
      model: 'openai/gpt-5.5',
      prompt,
      bypassSandbox: true,
      ...over,
    });

  it('runs a tool that a model with a prefix in its name calls', async () => {
    expect(await ask('[[tool {"cmd":"echo ping-42"}]]')).toMatchObject({
      exitCode: 0,
      finalMessage: 'TOOL_OK ping-42',
    });
    expect(upstream.received.map((request) => request.json())).toEqual(
      Array(2).fill(expect.objectContaining({ model: 'gpt-5.5', store: false, stream: true })),
    );
    await eventually(async () => {
      const rows = await gateway.ledger();
      expect(rows.map(({ status, model }) => [status, model])).toEqual(Array(2).fill(['succeeded', 'gpt-5.5']));
    });
  }, 60_000);

  it.each(['end', 'destroy'] as const)(
    'asks once more after a stream without a terminal event (%s)',
    async (ending) => {
      upstream.replyWith(cutAfter(5, say('Half ', 'an ', 'answer.'), ending));
      const result = await ask('[[say All well.]]');

      expect(result).toMatchObject({ exitCode: 0, finalMessage: 'All well.' });
      expect(result.stdout).not.toContain('stream closed before response.completed');
    },
    60_000,
  );
});
