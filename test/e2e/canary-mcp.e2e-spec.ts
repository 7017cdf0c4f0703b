import { AccountService } from '../../src/upstream/index.js';
import { KeyAdminService } from '../../src/auth/index.js';
import { bodyWith, canaries, headersWith } from '../support/canaries.js';
import { eventually } from '../support/eventually.js';
import { useGateway } from '../support/gateway.js';
import { askMcp, mcpToken } from '../support/mcp-client.js';
import { answer, message, ScriptedUpstream } from '../support/scripted-upstream/index.js';

const SECRET = /(?:sk|opr|mcp)-cxp-[0-9a-f]{12}-/;
const EMAIL = 'carol.canary@example.com';

describe('what the MCP endpoint tells', () => {
  const upstream = new ScriptedUpstream();
  const lines: string[] = [];
  const gateway = useGateway({ upstream, logs: (line) => void lines.push(line) });
  const { canary, secrets } = canaries();
  const tool = (name: string, args: object, token: string) =>
    askMcp(
      gateway,
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: `codex_pooler_${name}`, arguments: args } },
      { token },
    );

  it('holds nothing of what clients said and were answered, no secret and no address of mail', async () => {
    upstream.script = () => answer([message([canary('answer')])]);
    await (await gateway.post(bodyWith(canary), { headers: headersWith(canary) })).text();
    await eventually(async () => expect((await gateway.ledger())[0]?.status).not.toBe('in_flight'));
    const carol = upstream.addAccount({ accountId: 'acc_carol' });
    const { account } = await gateway
      .get(AccountService)
      .importAuthJson(carol.login.authJson, { label: EMAIL, poolId: gateway.pool.id });
    await gateway.get(KeyAdminService).createKey(gateway.pool.id, `key of ${EMAIL}`);
    const { token } = await mcpToken(gateway, { scopes: ['mcp:read', 'mcp:write'] });
    const call = String((await gateway.ledger())[0]?.id);

    const confirm = { selector: account.id, confirm: true };
    const told: string[] = [];
    for (const [name, args] of [
      ['pause_account', confirm],
      ['resume_account', confirm],
      ['get_mcp_service_status', {}],
      ['list_pools', {}],
      ['list_upstreams', {}],
      ['get_upstream', { selector: EMAIL }],
      ['list_pool_api_keys', {}],
      ['list_upstream_quotas', {}],
      ['list_operators', {}],
      ['list_request_logs', {}],
      ['get_request_log', { id: call }],
      ['list_audit_logs', {}],
      ['explain_route', { pool_id: 'test', model: 'gpt-5.5' }],
      ['usage_report', { group_by: ['key', 'account'] }],
      ['get_pool', { selector: canary('argument') }],
      [canary('tool name'), {}],
      ['list_invites', { [canary('argument name')]: 1 }],
    ] as const) {
      told.push((await tool(name, args, token)).text);
    }

    const all = told.join('\n');
    expect(all).toContain('ca***@example.com');
    expect(all).toContain(call);
    expect(all).not.toContain(EMAIL);
    expect(all).not.toMatch(SECRET);
    for (const each of [gateway.key, token, ...upstream.accounts.map(({ login }) => login.accessToken)]) {
      expect(all).not.toContain(each);
      expect(lines.join('\n')).not.toContain(each);
    }
    expect([...secrets].filter(([, secret]) => all.includes(secret)).map(([name]) => name)).toEqual([]);
    expect([...secrets].filter(([, secret]) => lines.join('\n').includes(secret)).map(([name]) => name)).toEqual([]);
  });
});
