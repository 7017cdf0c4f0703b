import { ScriptedUpstream, type UpstreamOptions } from './index.js';

const running: ScriptedUpstream[] = [];

/** An upstream on a free port; `stopUpstreams` belongs into `afterEach`. */
export async function startUpstream(options: UpstreamOptions = {}): Promise<ScriptedUpstream> {
  const upstream = new ScriptedUpstream(options);
  await upstream.start();
  running.push(upstream);
  return upstream;
}

export const stopUpstreams = (): Promise<unknown> => Promise.all(running.splice(0).map((upstream) => upstream.stop()));

export const BODY = JSON.stringify({ model: 'gpt-5.4', stream: true, input: 'Hi' });

/** One model call, as a client that holds this access token. */
export const ask = (upstream: ScriptedUpstream, token = 'any', init: RequestInit = {}): Promise<Response> =>
  fetch(`${upstream.url}/backend-api/codex/responses`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: BODY,
    ...init,
  });

export interface SeenEvent {
  readonly type: string;
  readonly response?: Readonly<Record<string, unknown>>;
}

/** The events of a stream whose every `data:` line is one. */
export const eventsOf = (text: string): SeenEvent[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => JSON.parse(line.slice(6)) as SeenEvent);

export const refresh = (upstream: ScriptedUpstream, token: string): Promise<Response> =>
  fetch(`${upstream.url}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token, client_id: 'app' }),
  });
