import { readFileSync } from 'node:fs';
import {
  CallBody,
  GATEWAY_VERSION,
  type AccountAccess,
  type AccountId,
  type Operation,
  type RoutedCall,
} from '../../core/index.js';
import { aCall } from '../../../test/support/upstream-services.js';
import type { UpstreamRequest } from '../transport/upstream-request.js';
import { callRequest, endpoint, modelsRequest } from './request.js';

const BACKEND = { baseUrl: 'https://chatgpt.com', clientVersion: '0.169.0' };
const access = (overrides: Partial<AccountAccess> = {}): AccountAccess => ({
  id: 'a' as AccountId,
  accessToken: ' token-1 ',
  externalAccountId: 'acc_1',
  credentialEpoch: 1,
  ...overrides,
});
const native = {
  originator: 'codex_exec',
  'user-agent': 'codex_exec/0.169.0 (Debian 12.0.0; x86_64) dumb',
  version: '0.169.0',
  'session-id': 's-1',
  'x-codex-turn-metadata': '{"a":1}',
};
const headersOf = (headers: Record<string, string>, rest: Partial<AccountAccess> = {}, residency?: string) =>
  callRequest(BACKEND, access(rest), aCall({ headers }), residency).headers;

describe('a Responses request', () => {
  it("carries the client's own headers as they came, with the account's credentials", () => {
    expect(headersOf(native)).toEqual({
      ...native,
      authorization: 'Bearer token-1',
      'chatgpt-account-id': 'acc_1',
      accept: 'text/event-stream',
      'accept-encoding': 'identity',
      'content-type': 'application/json',
    });
  });

  it("sends the client's own bytes", () => {
    const call = aCall();
    expect(callRequest(BACKEND, access(), call, undefined).body).toBe(call.body.bytes);
  });

  it('names ourselves when the call has no client of its own', () => {
    expect(headersOf({})).toMatchObject({
      originator: 'codex-pooler',
      'user-agent': `codex-pooler/${GATEWAY_VERSION}`,
      version: '0.169.0',
      'x-codex-routing-hint': 'model=gpt-5.5',
    });
  });

  it('adds nothing of ours to a client that names only itself', () => {
    const headers = headersOf({ 'user-agent': 'codex_cli_rs/0.128.0' });
    expect(headers['user-agent']).toBe('codex_cli_rs/0.128.0');
    expect(headers).not.toHaveProperty('originator');
    expect(headers).not.toHaveProperty('version');
  });

  it('keeps the routing hint of the client', () => {
    const hint = 'model=gpt-5.5;tier=priority';
    expect(headersOf({ 'x-codex-routing-hint': hint })['x-codex-routing-hint']).toBe(hint);
  });

  it('asks for JSON when the call is no stream', () => {
    expect(callRequest(BACKEND, access(), aCall({ stream: false }), undefined).headers.accept).toBe('application/json');
  });

  it.each(['', '  ', 'email_user@example.test', 'local_1'])('sends no account id when it is %p', (id) => {
    expect(headersOf(native, { externalAccountId: id })).not.toHaveProperty('chatgpt-account-id');
  });

  it("takes the residency from the account, never from the client's header", () => {
    const spoofed = { 'x-openai-internal-codex-residency': 'eu' };
    expect(headersOf(spoofed)).not.toHaveProperty('x-openai-internal-codex-residency');
    expect(headersOf(spoofed, {}, 'us')['x-openai-internal-codex-residency']).toBe('us');
  });

  it.each([
    'Authorization',
    'chatgpt-account-id',
    'cookie',
    'connection',
    'transfer-encoding',
    'content-length',
    'content-encoding',
    'forwarded',
    'x-forwarded-for',
    'x-real-ip',
    'cf-connecting-ip',
    'proxy-authorization',
    'host',
    'x-api-key',
  ])('never forwards %s', (name) => {
    expect(Object.values(headersOf({ [name]: 'canary' }))).not.toContain('canary');
  });
});

describe('a request of another operation', () => {
  const body = new CallBody(Buffer.from('v=0'));
  const sent = (over: Partial<RoutedCall>) =>
    callRequest(BACKEND, access(), aCall({ stream: false, body, ...over }), undefined);

  it.each<[Operation, string, string]>([
    ['responses', '/backend-api/codex/responses', 'application/json'],
    ['compaction', '/backend-api/codex/responses', 'application/json'],
    ['compact', '/backend-api/codex/responses/compact', 'application/json'],
    ['images_generations', '/backend-api/codex/images/generations', 'application/json'],
    ['images_edits', '/backend-api/codex/images/edits', 'application/json'],
    ['realtime_calls', '/backend-api/codex/realtime/calls', '*/*'],
    ['transcribe', '/backend-api/transcribe', 'application/json'],
    ['files_create', '/backend-api/files', 'application/json'],
    ['files_uploaded', '/backend-api/files/file%2F1/uploaded', 'application/json'],
  ])('%s goes to %s and asks for %s', (operation, path, accept) => {
    const request = sent({ operation, resource: 'file/1' });
    expect([request.path, request.headers['accept']]).toEqual([path, accept]);
  });

  it('says what its body is', () => {
    expect(sent({ operation: 'realtime_calls', contentType: 'application/sdp' }).headers['content-type']).toBe(
      'application/sdp',
    );
    expect(sent({ operation: 'images_edits' }).headers['content-type']).toBe('application/json');
  });

  it('hints at no model that the upstream does not list', () => {
    const hint = ({ headers }: UpstreamRequest) => headers['x-codex-routing-hint'];
    expect(hint(sent({ operation: 'images_edits', model: 'gpt-image-2' }))).toBeUndefined();
    expect(hint(sent({ operation: 'files_create', model: '' }))).toBeUndefined();
    expect(hint(sent({ operation: 'compact' }))).toBe('model=gpt-5.5');
  });

  it('leaves four times as long for the head of a compact answer', () => {
    expect([sent({ operation: 'compact' }).patience, sent({ operation: 'responses' }).patience]).toEqual([4, 1]);
  });
});

describe('the upstream address', () => {
  it.each([
    ['https://chatgpt.com', 'https://chatgpt.com', '/backend-api/codex/responses'],
    ['https://chatgpt.com/backend-api', 'https://chatgpt.com', '/backend-api/codex/responses'],
    ['https://chatgpt.com/backend-api/', 'https://chatgpt.com', '/backend-api/codex/responses'],
    ['http://127.0.0.1:9/proxy', 'http://127.0.0.1:9', '/proxy/backend-api/codex/responses'],
  ])('of base %s', (base, origin, path) => {
    expect(endpoint(base, '/backend-api/codex/responses')).toEqual({ origin, path });
  });

  it('of the model list names the client version', () => {
    expect(modelsRequest(BACKEND, access(), undefined).path).toBe('/backend-api/codex/models?client_version=0.169.0');
  });
});

describe('our name', () => {
  it('has the version of the package', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(GATEWAY_VERSION).toBe(version);
  });
});
