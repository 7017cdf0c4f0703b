import { randomUUID } from 'node:crypto';
import { KeyAdminService, OperatorTokenAdmin } from '../../src/auth/index.js';
import type { TestGateway } from './gateway.js';
import { operatorToken } from './operators.js';

/** What a request shows of who asks. */
export interface Shown {
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: string;
}

/** By what is wrong with it: what is shown at each door. */
export type BadCredentials = Readonly<
  Record<string, { readonly operator: Shown; readonly caller: Shown; readonly mcp: Shown }>
>;

export const bearer = (token: string): Shown => ({ headers: { authorization: `Bearer ${token}` } });

/** Everything that no door may take, and a token that each of the two for operators does. */
export async function badCredentials(
  gateway: TestGateway,
): Promise<{ readonly bad: BadCredentials; readonly admin: Shown; readonly mcp: Shown }> {
  const tokens = gateway.get(OperatorTokenAdmin);
  const keys = gateway.get(KeyAdminService);
  const past = { expiresAt: new Date(Date.now() + 1) };
  const opr = async (rights = {}) => await operatorToken(gateway, { scopes: ['admin'], ...rights });
  const mcpToken = (rights = {}) =>
    tokens.create({ kind: 'mcp', label: randomUUID(), createdBy: 'test', scopes: ['mcp:read'], ...rights });
  const key = (wanted = {}) => keys.createKey(gateway.pool.id, randomUUID(), wanted);
  const [disabled, disabledMcp, paused] = [await opr(), await mcpToken(), await key()];
  await tokens.setEnabled(disabled.row.id, false);
  await tokens.setEnabled(disabledMcp.row.id, false);
  await keys.changeKey(paused.key.prefix, { paused: true });
  const [good, goodMcp, goodKey] = [(await opr()).token, (await mcpToken()).token, (await key()).token];
  const all = (shown: Shown) => ({ operator: shown, caller: shown, mcp: shown });
  const each = (show: (token: string) => Shown) => ({
    operator: show(good),
    caller: show(goodKey),
    mcp: show(goodMcp),
  });
  const bad: BadCredentials = {
    none: all({}),
    wrong: {
      operator: bearer(`opr-cxp-ffffffffffff-${'A'.repeat(43)}`),
      caller: bearer(`sk-cxp-ffffffffffff-${'A'.repeat(43)}`),
      mcp: bearer(`mcp-cxp-ffffffffffff-${'A'.repeat(43)}`),
    },
    expired: {
      operator: bearer((await opr(past)).token),
      caller: bearer((await key(past)).token),
      mcp: bearer((await mcpToken(past)).token),
    },
    disabled: { operator: bearer(disabled.token), caller: bearer(paused.token), mcp: bearer(disabledMcp.token) },
    'of another kind': { operator: bearer(goodKey), caller: bearer(good), mcp: bearer(goodKey) },
    'of a third kind': { operator: bearer(goodMcp), caller: bearer(goodMcp), mcp: bearer(good) },
    'in a cookie': each((token) => ({ headers: { cookie: `token=${token}; authorization=Bearer%20${token}` } })),
    'in the query': each((token) => ({ query: `?token=${token}&access_token=${token}&api_key=${token}` })),
    'as Basic': each((token) => ({
      headers: { authorization: `Basic ${Buffer.from(`${token}:${token}`).toString('base64')}` },
    })),
  };
  return { bad, admin: bearer(good), mcp: bearer(goodMcp) };
}
