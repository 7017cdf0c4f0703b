import type { Client } from '@modelcontextprotocol/client';
import { PoolService } from '../../src/auth/index.js';
import { mcpToken } from '../support/mcp-client.js';
import { PREFIX, useMcpWorld, type World } from '../support/mcp-world.js';

const WRITES = ['pause_account', 'resume_account', 'drain_account'];

describe('the tools at /mcp', () => {
  const { gateway, clientOf, owner, world } = useMcpWorld();

  describe('of one thing', () => {
    const missing = { status: 'not_found', item: null };
    it.each(['get_pool', 'get_upstream', 'get_pool_api_key', 'get_upstream_quota', 'get_operator'])(
      '%s says that nothing was found',
      async (name) => {
        const client = await clientOf(owner());
        const { structuredContent } = await client.callTool({
          name: `${PREFIX}${name}`,
          arguments: { selector: 'nowhere' },
        });
        expect(structuredContent).toMatchObject(missing);
      },
    );

    it.each(['get_request_log', 'get_audit_log'])('%s says that nothing was found', async (name) => {
      const client = await clientOf(owner());
      const id = '00000000-0000-4000-8000-000000000000';
      const { structuredContent } = await client.callTool({ name: `${PREFIX}${name}`, arguments: { id } });
      expect(structuredContent).toMatchObject(missing);
    });

    it('never take the first of several', async () => {
      await gateway.get(PoolService).createPool('one', { name: 'Twin' });
      await gateway.get(PoolService).createPool('two', { name: 'twin' });
      const client = await clientOf(owner());
      const { structuredContent } = await client.callTool({
        name: `${PREFIX}get_pool`,
        arguments: { selector: 'TWIN' },
      });
      expect(structuredContent).toMatchObject({
        status: 'ambiguous',
        item: null,
        candidates: [{ label: 'one' }, { label: 'two' }],
      });
    });

    it('take a blank filter for none', async () => {
      const client = await clientOf(owner());
      const { structuredContent } = await client.callTool({
        name: `${PREFIX}list_pool_api_keys`,
        arguments: { query: ' ', status: '', pool_selector: '' },
      });
      expect(structuredContent).toMatchObject({ status: 'ok', count: 1 });
    });
  });

  describe('for a token of another Pool', () => {
    let client: Client;
    beforeAll(async () => {
      const other = await gateway.get(PoolService).findPool('other');
      client = await clientOf((await mcpToken(gateway, { poolIds: other ? [other.id] : [] })).token);
    });

    it.each([
      ['list_pools', { count: 1, items: [{ slug: 'other' }] }],
      ['list_upstreams', { count: 0 }],
      ['list_pool_api_keys', { count: 0 }],
      ['list_upstream_quotas', { count: 0 }],
      ['list_request_logs', { total: 0 }],
      ['list_audit_logs', { total: 0 }],
      ['list_incidents', { total: 0 }],
      ['usage_report', { items: [] }],
    ])('%s shows nothing of ours', async (name, holds) => {
      const { structuredContent } = await client.callTool({ name: `${PREFIX}${name}`, arguments: {} });
      expect(structuredContent).toMatchObject(holds);
    });

    it.each(['list_operators', 'get_operator'])('%s is denied', async (name) => {
      const args = name === 'get_operator' ? { selector: world().token } : {};
      const { isError, content } = await client.callTool({ name: `${PREFIX}${name}`, arguments: args });
      expect([isError, JSON.stringify(content)]).toEqual([
        true,
        expect.stringContaining('capability_denied: ') as string,
      ]);
    });

    it.each([
      ['get_pool', ({ pool }: World) => ({ selector: pool })],
      ['get_upstream', ({ account }: World) => ({ selector: account })],
      ['get_pool_api_key', ({ key }: World) => ({ selector: key })],
      ['get_upstream_quota', ({ account }: World) => ({ selector: account })],
      ['get_request_log', ({ call }: World) => ({ id: call })],
      ['get_audit_log', ({ event }: World) => ({ id: event })],
    ])('%s does not find what is ours', async (name, args) => {
      const { structuredContent } = await client.callTool({ name: `${PREFIX}${name}`, arguments: args(world()) });
      expect(structuredContent).toMatchObject({ status: 'not_found', item: null, candidates: [] });
    });
  });

  describe('that write', () => {
    let client: Client;
    beforeAll(async () => {
      client = await clientOf((await mcpToken(gateway, { scopes: ['mcp:read', 'mcp:write'] })).token);
    });
    const statusOf = async (): Promise<string | undefined> => {
      const sql = 'SELECT status FROM upstream_account WHERE label = $1';
      return (await gateway.database().query<{ status: string }[]>(sql, [world().account]))[0]?.status;
    };

    it('are listed for tokens that may write', async () => {
      const { tools } = await client.listTools();
      const writes = tools.filter(({ annotations }) => annotations?.readOnlyHint !== true);
      expect(writes.map(({ name }) => name)).toEqual(WRITES.map((name) => `${PREFIX}${name}`));
    });

    it.each(WRITES)('%s is no tool for others', async (name) => {
      const reader = await clientOf(owner());
      await expect(
        reader.callTool({ name: `${PREFIX}${name}`, arguments: { selector: world().account, confirm: true } }),
      ).rejects.toMatchObject({ code: -32602 });
      expect(await statusOf()).toBe('active');
    });

    it.each(WRITES)('%s changes nothing before it is confirmed', async (name) => {
      const { structuredContent } = await client.callTool({
        name: `${PREFIX}${name}`,
        arguments: { selector: world().account },
      });
      expect(structuredContent).toMatchObject({ dry_run: true, status: 'ok', before: 'active', after: null });
      expect(await statusOf()).toBe('active');
    });

    it.each([
      ['pause_account', 'paused'],
      ['resume_account', 'active'],
      ['drain_account', 'draining'],
      ['resume_account', 'active'],
    ])('%s is done when it is confirmed, and stands in the audit', async (name, after) => {
      const { structuredContent } = await client.callTool({
        name: `${PREFIX}${name}`,
        arguments: { selector: world().account, confirm: true },
      });
      expect(structuredContent).toMatchObject({ dry_run: false, status: 'ok', after });
      expect(await statusOf()).toBe(after);
      const [event] = await gateway
        .database()
        .query<Record<string, unknown>[]>('SELECT * FROM audit_event ORDER BY seq DESC LIMIT 1');
      expect(event).toMatchObject({ outcome: 'success', actor_kind: 'token', target_label: world().account });
    });
  });
});
