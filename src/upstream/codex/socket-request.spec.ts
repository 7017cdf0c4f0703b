import type { AccountId } from '../../core/index.js';
import { aCall } from '../../../test/support/upstream-services.js';
import { socketRequest } from './socket-request.js';

const BACKEND = { baseUrl: 'https://chatgpt.com/backend-api', clientVersion: '0.169.0' };
const access = { id: 'a' as AccountId, accessToken: 'token', externalAccountId: 'acc_1', credentialEpoch: 1 };
const headersOf = (headers: Record<string, string>) =>
  socketRequest(BACKEND, access, aCall({ transport: 'websocket', headers }), 'us').headers;

describe('an upgrade', () => {
  it('goes where the same call goes over HTTP', () => {
    expect(socketRequest(BACKEND, access, aCall(), undefined).url).toBe(
      'wss://chatgpt.com/backend-api/codex/responses',
    );
    const local = { ...BACKEND, baseUrl: 'http://127.0.0.1:9' };
    expect(socketRequest(local, access, aCall(), undefined).url).toBe('ws://127.0.0.1:9/backend-api/codex/responses');
  });

  it("carries the client's own headers, the account's credentials, and nothing about bodies", () => {
    expect(
      headersOf({
        originator: 'codex_exec',
        'user-agent': 'codex_exec/0.169.0',
        'openai-beta': 'responses_websockets=2030-01-01',
        'session-id': 's',
        'x-codex-turn-state': 'ts',
        'sec-websocket-key': 'k',
        'sec-websocket-extensions': 'permessage-deflate',
        authorization: 'Bearer pool-key',
        cookie: 'c=1',
      }),
    ).toEqual({
      originator: 'codex_exec',
      'user-agent': 'codex_exec/0.169.0',
      'openai-beta': 'responses_websockets=2030-01-01',
      'session-id': 's',
      'x-codex-turn-state': 'ts',
      'x-openai-internal-codex-residency': 'us',
      authorization: 'Bearer token',
      'chatgpt-account-id': 'acc_1',
    });
  });

  it('names ourselves and the protocol when the call has no client of its own', () => {
    expect(headersOf({})).toMatchObject({
      originator: 'codex-pooler',
      version: '0.169.0',
      'openai-beta': 'responses_websockets=2026-02-06',
    });
  });
});
