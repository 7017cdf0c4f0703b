import { CODEX_VERSIONS, runCodex, type CodexVersion } from '../support/codex-cli.js';
import { useGateway } from '../support/gateway.js';
import { mcpToken } from '../support/mcp-client.js';
import { answer, functionCall, message, ScriptedUpstream } from '../support/scripted-upstream/index.js';

/** How each generation of the CLI names a server's tools to the model. Source: codex-cli-wire §10. */
const NAMESPACE: Readonly<Record<CodexVersion, string>> = {
  latest: 'mcp__codex_pooler',
  '0.128': 'mcp__codex_pooler__',
};

const TOOLS: readonly (readonly [name: string, args: object, holds: string])[] = [
  ['get_mcp_service_status', {}, 'globalGate'],
  ['list_pools', {}, '"slug":"test"'],
  ['get_pool', { selector: 'test' }, '"slug":"test"'],
  ['list_upstreams', {}, '"count":2'],
  ['get_upstream', { selector: 'nowhere' }, 'not_found'],
  ['list_pool_api_keys', {}, 'key_prefix'],
  ['get_pool_api_key', { selector: 'nowhere' }, 'not_found'],
  ['list_upstream_quotas', {}, 'quota_windows'],
  ['get_upstream_quota', { selector: 'nowhere' }, 'not_found'],
  ['list_operators', {}, 'mcp_enabled'],
  ['get_operator', { selector: 'nowhere' }, 'not_found'],
  ['list_invites', {}, '"invites":[]'],
  ['get_invite', { selector: 'nowhere' }, 'not_found'],
  ['list_request_logs', {}, 'requested_model'],
  ['get_request_log', { id: 'nowhere' }, 'not_found'],
  ['list_audit_logs', {}, 'nextOffset'],
  ['get_audit_log', { id: '00000000-0000-4000-8000-000000000000' }, 'not_found'],
  ['explain_route', { pool_id: 'test', model: 'gpt-5.5' }, 'candidates_in_order'],
  ['usage_report', {}, 'items'],
  ['list_incidents', {}, 'nextOffset'],
];

describe.each(CODEX_VERSIONS)('the real Codex CLI, %s, with the MCP server of the guide', (version) => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream });

  it('lists and calls every tool', async () => {
    const left = TOOLS.map(([name, args]) => [`codex_pooler_${name}`, args] as const);
    const outputs: string[] = [];
    upstream.script = (request) => {
      outputs.push(...outputsIn(request.json()));
      const [next] = left.splice(0, 1);
      return next ? answer([functionCall(next[0], next[1], NAMESPACE[version])]) : answer([message(['done'])]);
    };
    const { token } = await mcpToken(gateway);

    const result = await runCodex({
      version,
      baseUrl: `${gateway.url}/backend-api/codex`,
      key: gateway.key,
      mcp: { url: `${gateway.url}/mcp`, token },
      prompt: 'Look everything up.',
      bypassSandbox: true,
    });

    expect(result).toMatchObject({ exitCode: 0, timedOut: false, finalMessage: 'done' });
    const seen = new Set(outputs);
    expect(
      TOOLS.filter(([, , holds]) => ![...seen].some((text) => text.includes(holds))).map(([name]) => name),
    ).toEqual([]);
    expect([...seen].join()).not.toContain('unsupported call');
  }, 90_000);

  it('goes on without its tools when the token is wrong', async () => {
    upstream.script = () => answer([message(['done'])]);
    const result = await runCodex({
      version,
      baseUrl: `${gateway.url}/backend-api/codex`,
      key: gateway.key,
      mcp: { url: `${gateway.url}/mcp`, token: gateway.key },
      prompt: 'Look everything up.',
    });
    expect(result).toMatchObject({ exitCode: 0, finalMessage: 'done' });
  }, 90_000);
});

/** What the tools told, of all that the conversation holds by now; quotes inside are those of JSON in JSON. */
const outputsIn = (body: unknown): string[] => {
  const { input = [] } = body as { input?: readonly { type?: string; output?: unknown }[] };
  return input
    .filter(({ type }) => type === 'function_call_output')
    .map(({ output }) => JSON.stringify(output).replaceAll('\\', ''));
};
