import { eventually } from './eventually.js';
import { ask, PATH } from './gateway.js';
import type { HeldStream } from './scripted-upstream/index.js';
import type { LoadedCall } from './steady-load.js';

/** A call whose answer goes on as long as the test wants. */
export interface Stream {
  readonly id: string;
  readonly held: HeldStream;
  /** What its client has read. */
  readonly heard: { read: string };
  readonly ended: Promise<void>;
}

const USER = [{ role: 'user', content: 'Say hello.' }];
const STREAMED = { model: 'gpt-5.5', stream: true };
const ERROR = /^\{"error":\{/;
/** One of each, in turn. */
const DIALECTS = [
  { path: PATH, body: ask(), ended: 'response.completed', error: ERROR },
  { path: '/v1/responses', body: { ...STREAMED, input: 'Say hello.' }, ended: 'response.completed', error: ERROR },
  { path: '/v1/chat/completions', body: { ...STREAMED, messages: USER }, ended: '[DONE]', error: ERROR },
  {
    path: '/v1/messages',
    body: { ...STREAMED, max_tokens: 100, messages: USER },
    ended: 'message_stop',
    error: /^\{"type":"error","error":\{/,
  },
] as const;
export const dialectOf = (number: number) => DIALECTS[number % DIALECTS.length] ?? DIALECTS[0];
const FAILED = /response\.failed|event: error|"error":\{/;
const TYPED = /accounting_unavailable|settings_unavailable|could not be recorded|cannot be checked/;

/** Whether its client got all of its answer. */
export const isWhole = ({ number, status, text }: LoadedCall): boolean =>
  status === 200 && text.includes(dialectOf(number).ended) && !FAILED.test(text);
/** Whether its client was told, as it understands it, that stores are away. */
export const isRefused = ({ number, status, text }: LoadedCall): boolean =>
  status === 503 && dialectOf(number).error.test(text) && TYPED.test(text);

/** One more word, which arrives. */
export async function tell({ held, heard }: Stream): Promise<void> {
  const before = heard.read.length;
  await held.text('word ');
  await eventually(() => expect(heard.read.length).toBeGreaterThan(before));
}

/** @returns once their clients have all of it */
export async function finish(streams: readonly Stream[]): Promise<void> {
  await Promise.all(streams.map(({ held }) => held.finish()));
  await Promise.all(streams.map(({ ended }) => ended));
}

export async function readInto(heard: { read: string }, { body }: Response): Promise<void> {
  const text = new TextDecoder();
  for await (const chunk of body ?? []) heard.read += text.decode(chunk as Uint8Array, { stream: true });
}
