import { AjvJsonSchemaValidator } from '@modelcontextprotocol/server/validators/ajv';
import type { Client } from '@modelcontextprotocol/client';
import { PREFIX, useMcpWorld, type World } from '../support/mcp-world.js';

/** What every tool is asked, and what the answer holds. Source: runtime contract §13.4. */
const READS: readonly (readonly [name: string, args: (at: World) => object, holds: (at: World) => object])[] = [
  ['get_mcp_service_status', none, () => ({ globalGate: { enabled: true }, supportedToolCount: 20 })],
  ['list_pools', none, ({ pool }) => ({ status: 'ok', count: 2, limit: 25, items: [{}, { slug: pool }] })],
  [
    'get_pool',
    ({ pool }) => ({ selector: pool }),
    () => ({ status: 'ok', item: { upstream_count: 2, api_key_count: 1 } }),
  ],
  ['list_upstreams', ({ pool }) => ({ pool_selector: pool }), () => ({ count: 2, items: [{ status: 'active' }, {}] })],
  ['get_upstream', ({ account }) => ({ selector: account }), ({ account }) => ({ item: { account_label: account } })],
  ['list_pool_api_keys', none, ({ key }) => ({ count: 1, items: [{ id: key }] })],
  ['get_pool_api_key', ({ key }) => ({ selector: key }), ({ key }) => ({ status: 'ok', item: { id: key } })],
  ['list_upstream_quotas', none, () => ({ count: 2, limit: 50, offset: 0 })],
  ['get_upstream_quota', ({ account }) => ({ selector: account }), ({ account }) => ({ item: { label: account } })],
  ['list_operators', none, () => ({ limit: 50, operators: expect.any(Array) as unknown })],
  ['get_operator', ({ token }) => ({ selector: token }), ({ token }) => ({ status: 'ok', item: { id: token } })],
  ['list_invites', none, () => ({ invites: [], total: 0 })],
  ['get_invite', () => ({ selector: 'x' }), () => ({ status: 'not_found', item: null })],
  ['list_request_logs', none, ({ call }) => ({ items: [{ id: call }], total: 1, offset: 0, nextOffset: null })],
  ['get_request_log', ({ call }) => ({ id: call }), ({ call }) => ({ status: 'ok', item: { id: call } })],
  ['list_audit_logs', none, () => ({ limit: 25, offset: 0 })],
  ['get_audit_log', ({ event }) => ({ id: event }), ({ event }) => ({ status: 'ok', item: { id: event } })],
  ['explain_route', ({ pool }) => ({ pool_id: pool, model: 'gpt-5.5' }), ({ pool }) => ({ pool_slug: pool })],
  ['usage_report', () => ({ group_by: ['key', 'model'] }), () => ({ items: expect.any(Array) as unknown })],
  ['list_incidents', none, () => ({ items: [] })],
];
function none(): object {
  return {};
}

describe('the tools at /mcp', () => {
  const { clientOf, owner, world } = useMcpWorld();

  describe.each(['legacy', 'auto'] as const)('with the official client, %s,', (mode) => {
    let client: Client;
    beforeAll(async () => {
      client = await clientOf(owner(), mode);
    });

    it('are all listed, and none that writes', async () => {
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name).sort()).toEqual(READS.map(([name]) => `${PREFIX}${name}`).sort());
      for (const { annotations, inputSchema, outputSchema } of tools) {
        expect(annotations).toMatchObject({
          readOnlyHint: true,
          destructiveHint: false,
          idempotentHint: true,
          openWorldHint: false,
        });
        expect([inputSchema['additionalProperties'], outputSchema?.['additionalProperties']]).toEqual([false, false]);
      }
    });

    it.each(READS)('%s answers what its schema says', async (name, args, holds) => {
      const tool = (await client.listTools()).tools.find((each) => each.name === `${PREFIX}${name}`);
      const { isError, content, structuredContent } = await client.callTool({
        name: `${PREFIX}${name}`,
        arguments: { ...args(world()) },
      });
      expect([isError ?? false, content]).toEqual([false, [{ type: 'text', text: expect.any(String) as string }]]);
      const { valid, errorMessage } = new AjvJsonSchemaValidator().getValidator(
        (tool?.outputSchema ?? {}) as { readonly type: 'object' },
      )(structuredContent);
      expect([valid, errorMessage]).toEqual([true, undefined]);
      expect(structuredContent).toMatchObject(holds(world()));
    });

    it.each(READS)('%s refuses arguments that it does not know', async (name, args) => {
      const answer = await client.callTool({
        name: `${PREFIX}${name}`,
        arguments: { ...args(world()), canary: 'canary-x' },
      });
      expect([answer.isError, answer.structuredContent]).toEqual([true, undefined]);
      expect(JSON.stringify(answer.content)).toMatch(/^\[\{"type":"text","text":"invalid_arguments: /);
      expect(JSON.stringify(answer.content)).not.toContain('canary');
    });
  });
});
