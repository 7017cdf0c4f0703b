import type { Route } from '../auth/index.js';

const at = (path: string, ...methods: readonly string[]): Route[] => methods.map((method) => ({ method, path }));

/** Codex clients are pointed at either root. */
const underCodex = (path: string, ...methods: readonly string[]): Route[] => [
  ...at(`/backend-api/codex${path}`, ...methods),
  ...at(`/backend-api/codex/v1${path}`, ...methods),
];

/** The native routes that are there. `GET …/responses` opens a websocket: there is nothing that a `HEAD` could ask. */
export const servedNativeRoutes: readonly Route[] = [
  ...underCodex('/models', 'GET', 'HEAD'),
  ...underCodex('/responses', 'GET', 'POST'),
  ...underCodex('/responses/compact', 'POST'),
  ...at('/backend-api/codex/v1/chat/completions', 'POST'),
  ...at('/backend-api/codex/images/generations', 'POST'),
  ...at('/backend-api/codex/images/edits', 'POST'),
  ...at('/backend-api/codex/realtime/calls', 'POST'),
  ...at('/backend-api/transcribe', 'POST'),
  ...at('/backend-api/files', 'POST'),
  ...at('/backend-api/files/:id/uploaded', 'POST'),
  ...at('/backend-api/wham/usage', 'GET', 'HEAD'),
  ...at('/wham/usage', 'GET', 'HEAD'),
  ...at('/api/codex/usage', 'GET', 'HEAD'),
];

/** There only for Pools that keep what clients said and were answered. */
const stored = (path: string, ...methods: readonly string[]): Route[] =>
  at(path, ...methods).map((route) => ({ ...route, onlyWhenStored: true }));

/** The routes below `/v1` that are there. */
export const servedV1Routes: readonly Route[] = [
  ...at('/v1/responses', 'GET', 'POST'),
  ...at('/v1/responses/compact', 'POST'),
  ...at('/v1/responses/input_tokens', 'POST'),
  ...at('/v1/messages', 'POST'),
  ...at('/v1/messages/count_tokens', 'POST'),
  ...at('/v1/messages/compact', 'POST'),
  ...at('/v1/compact', 'POST'),
  ...at('/v1/inspect', 'POST'),
  ...at('/v1/models', 'GET', 'HEAD'),
  ...at('/v1/usage', 'GET', 'HEAD'),
  ...at('/v1/files', 'GET', 'HEAD', 'POST'),
  ...at('/v1/files/:id', 'GET', 'HEAD', 'DELETE'),
  ...at('/v1/files/:id/content', 'GET', 'HEAD'),
  ...at('/v1/audio/transcriptions', 'POST'),
  ...at('/v1/images/generations', 'POST'),
  ...at('/v1/images/edits', 'POST'),
  ...at('/v1/chat/completions', 'POST'),
  ...stored('/v1/responses/:response_id', 'GET', 'DELETE'),
  ...stored('/v1/responses/:response_id/cancel', 'POST'),
  ...stored('/v1/responses/:response_id/input_items', 'GET'),
  ...stored('/v1/chat/completions', 'GET'),
  ...stored('/v1/chat/completions/:completion_id', 'GET', 'POST', 'DELETE'),
  ...stored('/v1/chat/completions/:completion_id/messages', 'GET'),
];
