import { randomBytes } from 'node:crypto';
import { CodexSocket, typeOf, turn } from './codex-socket.js';
import { ask, type TestGateway } from './gateway.js';
import { answer, functionCall, json, message, reasoningPart, type Reply } from './scripted-upstream/index.js';

/** The unguessable string that stands for something, the same at every call. */
export type Canary = (name: string) => string;

/** Unguessable strings, made as they are asked for, and all of them by what they stand for. */
export function canaries(): { readonly canary: Canary; readonly secrets: Map<string, string> } {
  const secrets = new Map<string, string>();
  const canary: Canary = (name) => {
    const known = secrets.get(name) ?? `canary${randomBytes(12).toString('hex')}`;
    secrets.set(name, known);
    return known;
  };
  return { canary, secrets };
}

/** A request with a canary wherever a client puts what is private. */
export const bodyWith = (canary: Canary, over: object = {}): object =>
  ask({
    instructions: canary('instructions'),
    prompt_cache_key: canary('cache key'),
    metadata: { note: canary('metadata') },
    client_metadata: { note: canary('client metadata') },
    tools: [{ type: 'function', name: 'shell', description: canary('tool description'), parameters: {} }],
    input: [
      { type: 'message', role: 'developer', content: [{ type: 'input_text', text: canary('developer') }] },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: canary('prompt') }, image(canary)] },
      { type: 'message', role: 'user', content: [{ type: 'input_file', filename: canary('file name') }] },
      { type: 'reasoning', summary: [], encrypted_content: canary('encrypted reasoning') },
      { type: 'function_call', call_id: 'c1', name: 'shell', arguments: `{"cmd":"${canary('tool arguments')}"}` },
      { type: 'function_call_output', call_id: 'c1', output: canary('tool output') },
    ],
    ...over,
  });

const image = (canary: Canary) => ({
  type: 'input_image',
  image_url: `data:image/png;base64,${Buffer.from(canary('image')).toString('base64')}`,
});

export const headersWith = (canary: Canary): Record<string, string> => ({
  'user-agent': `codex_cli_rs/${canary('user agent')}`,
  'session-id': canary('session'),
  'thread-id': canary('thread'),
  'x-codex-turn-metadata': JSON.stringify({ workspace: canary('turn metadata') }),
  'x-codex-window-id': canary('window'),
  'x-client-request-id': canary('client request'),
  cookie: `a=${canary('cookie')}`,
  'x-forwarded-for': canary('forwarded'),
});

/** The same request as a turn on a websocket. @returns the type of its last frame */
export async function askOnSocket(gateway: TestGateway, key: string, canary: Canary): Promise<string | undefined> {
  const socket = await CodexSocket.open(gateway, { key, headers: headersWith(canary) });
  const answer = await socket.ask(turn(bodyWith(canary)));
  socket.drop();
  return answer.map(typeOf).at(-1);
}

/** A whole answer with a canary in every part that a model writes. */
export const answerWith = (canary: Canary) =>
  answer(
    [
      reasoningPart(canary('answered reasoning')),
      message([canary('answer')]),
      functionCall('shell', { cmd: canary('answered call') }),
    ],
    { headers: { 'x-codex-turn-state': canary('turn state'), 'set-cookie': canary('upstream cookie') } },
  );

export const failure500 = (canary: Canary): Reply => json(500, { error: { message: canary('server failure') } });
