import { randomUUID } from 'node:crypto';
import { KeyAdminService, UsageLimitService, type KeyPolicy } from '../../src/auth/index.js';
import { CodexSocket, eventOf, turn } from '../support/codex-socket.js';
import { eventually } from '../support/eventually.js';
import { hello, PATH, useGateway } from '../support/gateway.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream });

const newKey = async (policy: KeyPolicy, limits: Parameters<UsageLimitService['setLimit']>[1] = {}) => {
  const { key, token } = await gateway.get(KeyAdminService).createKey(gateway.pool.id, randomUUID(), policy);
  await gateway.get(UsageLimitService).setLimit({ keyId: key.id }, limits);
  return { id: key.id, token };
};
const rows = (keyId: string) =>
  gateway.database().query<object[]>(
    `SELECT request.status, transport, request.model, http_status, error_code, outcome, cost_status, attempt_count
       FROM request LEFT JOIN ledger_entry ON call_id = id WHERE request.key_id = $1 ORDER BY request.id`,
    [keyId],
  );
const codeOf = (frames: readonly string[]): unknown => {
  const { error } = eventOf(frames.at(-1) ?? '{}') as { error?: { code?: unknown } };
  return error?.code;
};

describe.each([PATH, '/v1/responses'])('a websocket turn at %s that is refused before it has a route', (path) => {
  it.each([
    ['its model', 403, 'model_not_allowed', { allowedModels: ['gpt-5.4*'] }, {}],
    ['its effort', 400, 'reasoning_effort_not_allowed', { effort: { mode: 'up_to', effort: 'low' } }, {}],
    ['a limit', 429, 'api_key_policy_limit_exceeded', {}, { tokensPerDay: 1 }],
  ] as const)('for %s has its row, and the turn after it is served', async (_, status, code, policy, limits) => {
    const { id, token } = await newKey(policy, limits);
    const socket = await CodexSocket.open(gateway, { key: token, path });
    const before = upstream.received.length;
    expect(codeOf(await socket.ask(turn({ reasoning: { effort: 'high' } })))).toBe(code);
    await eventually(async () => {
      expect(await rows(id)).toEqual([
        {
          status: 'rejected',
          transport: 'websocket',
          model: 'gpt-5.5',
          http_status: status,
          error_code: code,
          outcome: 'rejected',
          cost_status: 'none',
          attempt_count: 0,
        },
      ]);
    });
    expect(upstream.received).toHaveLength(before);
    await gateway.get(KeyAdminService).changeKey(id, { allowedModels: null, effort: null });
    await gateway.get(UsageLimitService).setLimit({ keyId: id }, { tokensPerDay: null });
    await eventually(async () => {
      upstream.replyWith(hello());
      expect(eventOf((await socket.ask(turn({ reasoning: { effort: 'high' } }))).at(-1) ?? '{}').type).toBe(
        'response.completed',
      );
    });
    socket.drop();
  });
});
