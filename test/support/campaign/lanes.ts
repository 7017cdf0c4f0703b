/** The ways in which clients ask: a protocol, and how the answer comes. */
export type Lane = keyof typeof LANES;

interface Asking {
  readonly path: string;
  /** Answered in frames of a websocket. */
  readonly socket?: true;
  readonly body: (model: string, prompt: string) => object | string;
}

const NATIVE = '/backend-api/codex/responses';
const RESPONSES = '/v1/responses';
const CHAT = '/v1/chat/completions';
const MESSAGES = '/v1/messages';

export const FORM_BOUNDARY = 'b0undary';

const input = (text: string) => [{ type: 'message', role: 'user', content: [{ type: 'input_text', text }] }];
const messages = (content: string) => [{ role: 'user', content }];
const chat = (stream: boolean) => (model: string, prompt: string) => ({ model, stream, messages: messages(prompt) });
const anthropic = (stream: boolean) => (model: string, prompt: string) => ({
  ...chat(stream)(model, prompt),
  max_tokens: 100,
});
const speech = (prompt: string): string =>
  `--${FORM_BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n` +
  `content-type: audio/wav\r\n\r\n${prompt}\r\n--${FORM_BOUNDARY}--\r\n`;

export const LANES = {
  native: { path: NATIVE, body: (model, prompt) => ({ model, stream: true, input: input(prompt) }) },
  'native socket': {
    path: NATIVE,
    socket: true,
    body: (model, prompt) => ({ type: 'response.create', model, stream: true, input: input(prompt) }),
  },
  responses: { path: RESPONSES, body: (model, prompt) => ({ model, stream: true, input: prompt }) },
  'responses whole': { path: RESPONSES, body: (model, prompt) => ({ model, input: prompt }) },
  'responses socket': {
    path: RESPONSES,
    socket: true,
    body: (model, prompt) => ({ type: 'response.create', model, input: prompt }),
  },
  chat: { path: CHAT, body: chat(true) },
  'chat whole': { path: CHAT, body: chat(false) },
  messages: { path: MESSAGES, body: anthropic(true) },
  'messages whole': { path: MESSAGES, body: anthropic(false) },
  compact: {
    path: `${NATIVE}/compact`,
    body: (model, prompt) => ({ model, instructions: 'Fold.', input: input(prompt) }),
  },
  pictures: {
    path: '/backend-api/codex/images/generations',
    body: (_, prompt) => ({ model: 'gpt-image-2', prompt }),
  },
  speech: { path: '/backend-api/transcribe', body: (_, prompt) => speech(prompt) },
} as const satisfies Record<string, Asking>;

/** Others have one whole answer that is no response. */
export const isConversation = (lane: Lane): boolean => lane !== 'compact' && lane !== 'pictures' && lane !== 'speech';

/** Every way in which a model answers a conversation. */
export const CONVERSATIONS = Object.keys(LANES)
  .map((lane) => lane as Lane)
  .filter(isConversation);

/** Clients of these see text before the end. */
export const isStreamed = (lane: Lane): boolean => isConversation(lane) && !lane.endsWith(' whole');

export const askingOf = (lane: Lane): Asking => LANES[lane];

/** How the upstream knows a call, whatever protocol it came in. */
export const promptOf = (number: number): string => `call#${String(number)}#`;
export const numberIn = (body: Buffer): number => Number(/call#(\d+)#/.exec(body.toString('latin1'))?.[1] ?? NaN);
