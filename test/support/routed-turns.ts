import { CallBody, type CallId, type RoutedCall } from '../../src/core/index.js';

/** A turn of a Codex client over HTTP, as its dialect hands it on. */
export const aTurn = (over: Partial<RoutedCall> = {}): RoutedCall => ({
  id: '00000000-0000-4000-8000-0000000000c1' as CallId,
  requestId: 'request-1',
  receivedAtMs: 1_800_000_000_000,
  dialect: 'codex-backend',
  route: '/backend-api/codex/responses',
  operation: 'responses',
  transport: 'http',
  model: 'gpt-5.5',
  stream: true,
  headers: {},
  body: new CallBody(Buffer.from('{"model":"gpt-5.5","stream":true,"input":[]}')),
  ...over,
});
