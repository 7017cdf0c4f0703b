import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { PoolService } from '../../src/auth/index.js';
import { eventually } from './eventually.js';
import { ask, hello, useGateway, type TestGateway } from './gateway.js';
import { mcpToken } from './mcp-client.js';
import { ScriptedUpstream } from './scripted-upstream/index.js';

export const PREFIX = 'codex_pooler_';

/** What there is to be asked for. */
export interface World {
  readonly pool: string;
  readonly account: string;
  readonly key: string;
  readonly token: string;
  readonly call: string;
  readonly event: string;
}

export interface McpWorld {
  readonly gateway: TestGateway;
  /** Inside tests and hooks. */
  world(): World;
  /** A token that sees all, to read. */
  owner(): string;
  clientOf(token: string, mode?: 'legacy' | 'auto'): Promise<Client>;
}

/** A gateway with two Pools, two accounts in one of them, a key, a call, and something in the audit. */
export function useMcpWorld(): McpWorld {
  const upstream = new ScriptedUpstream();
  upstream.script = hello;
  const gateway = useGateway({ upstream });
  const clients: Client[] = [];
  let made: { readonly world: World; readonly owner: string } | undefined;
  const inside = () => {
    if (made === undefined) throw new Error('It is there inside tests and hooks only.');
    return made;
  };
  const clientOf = async (token: string, mode: 'legacy' | 'auto' = 'legacy'): Promise<Client> => {
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
    const requestInit = { headers: { authorization: `Bearer ${token}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${gateway.url}/mcp`), { requestInit }));
    clients.push(client);
    return client;
  };
  beforeAll(async () => {
    const { id, token } = await mcpToken(gateway);
    await gateway.get(PoolService).createPool('other');
    await (await gateway.post(ask())).text();
    await eventually(async () => expect((await gateway.ledger())[0]?.status).toBe('succeeded'));
    const writer = await clientOf((await mcpToken(gateway, { scopes: ['mcp:write'] })).token);
    const account = upstream.accounts[0]?.id ?? '';
    for (const name of ['pause_account', 'resume_account']) {
      await writer.callTool({ name: `${PREFIX}${name}`, arguments: { selector: account, confirm: true } });
    }
    const idIn = async (sql: string): Promise<string> =>
      (await gateway.database().query<{ id: string }[]>(sql))[0]?.id ?? '';
    const world = {
      pool: gateway.pool.slug,
      account,
      key: await idIn('SELECT id FROM pool_key'),
      token: id,
      call: await idIn('SELECT id FROM request'),
      event: await idIn('SELECT id FROM audit_event WHERE pool_id IS NOT NULL ORDER BY seq DESC LIMIT 1'),
    };
    made = { world, owner: token };
  });
  afterAll(() => Promise.all(clients.map((client) => client.close())));
  return { gateway, clientOf, world: () => inside().world, owner: () => inside().owner };
}
