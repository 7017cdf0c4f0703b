import { resolve } from 'node:path';
import { CODEX_VERSIONS, codexHome, runCodex, type CodexRun } from '../support/codex-cli.js';
import { eventually } from '../support/eventually.js';
import { useGateway } from '../support/gateway.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';

const RED_PNG = resolve(__dirname, '../fixtures/red.png');
const ANSWER_SCHEMA = {
  type: 'object',
  properties: { answer: { type: 'string' } },
  required: ['answer'],
  additionalProperties: false,
};

interface Scenario {
  readonly name: string;
  /** One run of the CLI each, in the same home. */
  readonly runs: readonly Partial<CodexRun>[];
  /** What the CLI shows last. */
  readonly finalMessage: string;
  readonly modelCalls: number;
}

const SCENARIOS: readonly Scenario[] = [
  { name: 'a plain prompt', runs: [{ prompt: '[[say Good day.]]' }], finalMessage: 'Good day.', modelCalls: 1 },
  {
    name: 'a tool loop',
    runs: [{ prompt: 'Run it. [[tool {"cmd":"echo ping-42"}]]', bypassSandbox: true }],
    finalMessage: 'TOOL_OK ping-42',
    modelCalls: 2,
  },
  {
    name: 'a resumed session',
    runs: [{ prompt: 'First. [[turns]]' }, { prompt: 'Second. [[turns]]', resume: true }],
    finalMessage: 'TURNS_OK users=2 assistants=1',
    modelCalls: 2,
  },
  {
    name: 'an image',
    runs: [{ prompt: 'Look. [[image]]', images: [RED_PNG] }],
    finalMessage: 'IMAGES_OK 1',
    modelCalls: 1,
  },
  {
    name: 'an output schema',
    runs: [{ prompt: 'Answer. [[schema]]', outputSchema: ANSWER_SCHEMA }],
    finalMessage: '{"answer":"simulated"}',
    modelCalls: 1,
  },
];

/** The classic model with both generations of the CLI, and the newest form of request with the CLI that speaks it. */
const CLIENTS = [
  ...CODEX_VERSIONS.map((version) => ({ version, model: 'gpt-5.5' })),
  { version: 'latest' as const, model: 'gpt-6.1-sol' },
];

describe.each(CLIENTS)('the real Codex CLI, $version with $model', ({ version, model }) => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream });

  it.each(SCENARIOS)(
    'carries $name through the gateway, one request row for each model call',
    async ({ runs, finalMessage, modelCalls }) => {
      const home = codexHome();
      const callsBefore = upstream.received.length;
      const rowsBefore = (await gateway.ledger()).length;
      const baseUrl = `${gateway.url}/backend-api/codex`;
      try {
        let shown: string | undefined;
        for (const run of runs) {
          const result = await runCodex({
            version,
            model,
            baseUrl,
            key: gateway.key,
            prompt: '',
            home: home.path,
            ...run,
          });
          expect(result).toMatchObject({ exitCode: 0, timedOut: false });
          shown = result.finalMessage;
        }
        expect(shown).toBe(finalMessage);
      } finally {
        home.remove();
      }
      expect(upstream.received).toHaveLength(callsBefore + modelCalls);
      const settled = expect.objectContaining({ status: 'succeeded', attempt_count: 1, usage_known: true });
      await eventually(async () => {
        expect((await gateway.ledger()).slice(rowsBefore)).toEqual(Array(modelCalls).fill(settled));
      });
    },
    90_000,
  );
});
