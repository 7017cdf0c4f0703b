import { asFields, asFieldsList, type Fields } from '../../src/core/index.js';
import type { GeneratedCall } from './generated-answers.js';

/** What a client makes of an answer, whatever its protocol. */
export interface Told {
  readonly text: string;
  readonly calls: readonly GeneratedCall[];
  /** The protocol's own object. */
  readonly usage: unknown;
  /** The protocol's own word for how it ended. */
  readonly end: unknown;
}

export interface Reader {
  readonly stream: (frames: readonly Fields[]) => Told;
  readonly body: (body: Fields) => Told;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const list = (holder: Fields | undefined, name: string): readonly Fields[] => asFieldsList(holder?.[name]);

const ofResponse = (response: Fields | undefined): Told => ({
  text: list(response, 'output')
    .flatMap((item) => list(item, 'content'))
    .map((part) => text(part['text']))
    .join(''),
  calls: list(response, 'output')
    .filter(({ type }) => type === 'function_call')
    .map((item) => ({
      id: text(item['call_id']),
      name: text(item['name']),
      arguments: text(item['arguments']),
    })),
  usage: response?.['usage'] ?? undefined,
  end: response?.['status'],
});

const responses: Reader = {
  body: ofResponse,
  /** The last event has all of it. */
  stream: (frames) => ofResponse(asFields(frames.at(-1)?.['response'])),
};

/** What a client shows that only looks at the deltas. */
export const deltasIn = (frames: readonly Fields[]): string =>
  frames.map(({ type, delta }) => (type === 'response.output_text.delta' ? text(delta) : '')).join('');

const callOf = (call: Fields): GeneratedCall => ({
  id: text(call['id']),
  name: text(asFields(call['function'])?.['name']),
  arguments: text(asFields(call['function'])?.['arguments']),
});

const chat: Reader = {
  body: (body) => {
    const [choice] = list(body, 'choices');
    const message = asFields(choice?.['message']);
    return {
      text: text(message?.['content']),
      calls: list(message, 'tool_calls').map(callOf),
      usage: body['usage'],
      end: choice?.['finish_reason'],
    };
  },
  stream: (frames) => {
    const choices = frames.flatMap((frame) => list(frame, 'choices'));
    const deltas = choices.map((choice) => asFields(choice['delta']) ?? {});
    const calls: GeneratedCall[] = [];
    for (const piece of deltas.flatMap((delta) => list(delta, 'tool_calls'))) {
      const { id, name, arguments: args } = callOf(piece);
      const at = Number(piece['index']);
      const known = calls[at] ?? { id, name, arguments: '' };
      calls[at] = { ...known, arguments: known.arguments + args };
    }
    return {
      text: deltas.map((delta) => text(delta['content'])).join(''),
      calls,
      usage: frames.find((frame) => frame['usage'] !== undefined)?.['usage'],
      end: choices.map((choice) => choice['finish_reason']).find((reason) => reason !== null),
    };
  },
};

const toolUse = (block: Fields, input: string): GeneratedCall => ({
  id: text(block['id']),
  name: text(block['name']),
  arguments: input,
});

const anthropic: Reader = {
  body: (body) => ({
    text: list(body, 'content')
      .map((block) => text(block['text']))
      .join(''),
    calls: list(body, 'content')
      .filter(({ type }) => type === 'tool_use')
      .map((block) => toolUse(block, JSON.stringify(block['input']))),
    usage: body['usage'],
    end: body['stop_reason'],
  }),
  stream: (frames) => {
    const blocks = asFieldsList(frames.map(({ content_block: block }) => block));
    const pieces = (at: number, name: string): string =>
      frames
        .filter(({ index }) => index === at)
        .map(({ delta }) => text(asFields(delta)?.[name]))
        .join('');
    const end = frames.find(({ type }) => type === 'message_delta');
    return {
      text: blocks.map((_block, at) => pieces(at, 'text')).join(''),
      calls: blocks.flatMap((block, at) =>
        block['type'] === 'tool_use'
          ? [toolUse(block, JSON.stringify(JSON.parse(pieces(at, 'partial_json') || '{}')))]
          : [],
      ),
      usage: end?.['usage'],
      end: asFields(end?.['delta'])?.['stop_reason'],
    };
  },
};

/** By the dialect's name. */
export const READERS: Readonly<Record<string, Reader>> = {
  'openai-responses': responses,
  'openai-chat': chat,
  'anthropic-messages': anthropic,
};

/** The JSON of every `data:` line but `[DONE]`. */
export const framesIn = (stream: string): readonly Fields[] =>
  stream
    .split('\n')
    .filter((line) => line.startsWith('data: ') && line !== 'data: [DONE]')
    .map((line) => asFields(JSON.parse(line.slice('data: '.length))) ?? {});
