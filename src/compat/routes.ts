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

/** The routes below `/v1` that are there. */
export const servedV1Routes: readonly Route[] = [];
