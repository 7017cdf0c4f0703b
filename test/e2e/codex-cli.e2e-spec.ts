import { CODEX_CLIENTS, play, scenariosOf } from '../support/codex-scenarios.js';
import { eventually } from '../support/eventually.js';
import { useGateway } from '../support/gateway.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';

const SETTLED = { status: 'succeeded', attempt_count: 1, usage_known: true };
const WAYS = [
  { way: 'HTTP', websockets: false, transports: ['http_sse', 'http_json'] },
  { way: 'websockets', websockets: true, transports: ['websocket', 'http_json'] },
];

describe.each(CODEX_CLIENTS)('the real Codex CLI, $version with $model', (client) => {
  describe.each(WAYS)('over $way', ({ websockets, transports }) => {
    const upstream = new ScriptedUpstream();
    const gateway = useGateway({ upstream });
    const modelCalls = () => upstream.count('responses') + upstream.count('compact');

    it.each(scenariosOf(client))(
      'carries $name through the gateway, one settled row for each model call',
      async (scenario) => {
        const callsBefore = modelCalls();
        const rowsBefore = (await gateway.ledger()).length;
        const baseUrl = `${gateway.url}/backend-api/codex`;

        const result = await play(scenario, { ...client, baseUrl, key: gateway.key, websockets });

        expect(result).toMatchObject({ exitCode: 0, timedOut: false });
        expect(result?.finalMessage).toEqual(
          typeof scenario.finalMessage === 'string'
            ? scenario.finalMessage
            : expect.stringMatching(scenario.finalMessage),
        );
        expect(modelCalls()).toBe(callsBefore + scenario.modelCalls);
        await eventually(async () => {
          const rows = (await gateway.ledger()).slice(rowsBefore);
          expect(rows).toEqual(Array(scenario.modelCalls).fill(expect.objectContaining(SETTLED)));
          expect(rows.filter(({ transport }) => !transports.includes(String(transport)))).toEqual([]);
        });
      },
      90_000,
    );
  });
});
