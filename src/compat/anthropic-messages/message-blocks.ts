import { asText, type Fields } from '../../core/index.js';
import type { AnswerEvent } from '../translation/answer-event.js';
import { StopText } from '../translation/stop-text.js';
import type { Delta, MessageEvent } from './message-event.js';
import { ToolInput } from './tool-input.js';

/** What the blocks of one answer depend on beside the answer itself. */
export interface BlockSettings {
  /** Of a thinking block, for its reasoning item. */
  readonly signature: (item: Fields) => string;
  /** A tool's name as the client knows it. */
  readonly ownName: (name: string) => string;
  readonly stopSequences: readonly string[];
  /** Reasoning that says nothing is shown as well, so that the client can send it back. */
  readonly wantsThinking: boolean;
}

type Told<Kind extends AnswerEvent['kind']> = Extract<AnswerEvent, { readonly kind: Kind }>;
type Piece = Exclude<AnswerEvent, Told<'begun' | 'ended' | 'item'>>;

interface OpenBlock {
  readonly key: string;
  readonly kind: 'text' | 'thinking' | 'tool';
  readonly index: number;
  /** What is still to be said when the block ends. */
  readonly end: () => readonly Delta[];
}

const NOTHING: readonly MessageEvent[] = [];

/**
 * The parts of an answer as content blocks, one after another: the parts may come interleaved, blocks may not. Text and
 * thinking give way to what comes next; a call is told to its end, and the rest waits.
 */
export class MessageBlocks {
  private count = 0;
  private open: OpenBlock | undefined;
  private readonly waiting: Piece[] = [];
  private readonly inputs = new Map<string, ToolInput>();
  private readonly texts = new Map<string, StopText>();
  private stopped: string | undefined;
  private called = false;

  constructor(private readonly settings: BlockSettings) {}

  /** The stop sequence that ended the message; `undefined` as long as none did. */
  get stoppedBy(): string | undefined {
    return this.stopped;
  }

  get hasCalls(): boolean {
    return this.called;
  }

  write(piece: Piece): readonly MessageEvent[] {
    if (this.stopped !== undefined) return NOTHING;
    const { open } = this;
    if (open !== undefined && open.kind === 'tool' && open.key !== piece.key) {
      this.waiting.push(piece);
      return NOTHING;
    }
    const closed = open === undefined || open.key === piece.key ? NOTHING : this.close();
    return [...closed, ...this.tell(piece)];
  }

  /** Nothing comes any more. A message is never without a block. */
  end(): readonly MessageEvent[] {
    const rest = [...this.close()];
    while (this.waiting.length > 0) rest.push(...this.waited(), ...this.close());
    return this.count > 0 ? rest : [...this.start('', 'text', { type: 'text', text: '' }), ...this.close()];
  }

  private tell(piece: Piece): readonly MessageEvent[] {
    switch (piece.kind) {
      case 'text':
        return this.text(piece);
      case 'refusal':
        return this.say(piece.key, piece.delta);
      case 'reasoning':
        return this.think(piece.key, piece.delta);
      case 'reasoned':
        return this.reasoned(piece);
      case 'call':
        return this.call(piece);
      case 'arguments':
        return this.deltas(inputDelta(this.inputs.get(piece.key)?.push(piece.delta)));
      case 'called':
        return [...this.close(), ...this.waited()];
    }
  }

  private text({ key, delta }: Told<'text'>): readonly MessageEvent[] {
    const text = this.texts.get(key) ?? new StopText(this.settings.stopSequences);
    this.texts.set(key, text);
    const said = this.say(key, text.push(delta));
    if (text.stoppedBy === undefined) return said;
    this.stopped = text.stoppedBy;
    return [...said, ...this.close()];
  }

  private say(key: string, text: string): readonly MessageEvent[] {
    const end = (): readonly Delta[] => textDelta(this.texts.get(key)?.rest());
    const started = this.open?.key === key ? NOTHING : this.start(key, 'text', { type: 'text', text: '' }, end);
    return [...started, ...this.deltas(textDelta(text))];
  }

  private think(key: string, thinking: string): readonly MessageEvent[] {
    return [...this.thinking(key), ...this.deltas([{ type: 'thinking_delta', thinking }])];
  }

  /** Also what was never finished is signed: clients expect it of every thinking block. */
  private thinking(key: string, item: Fields = {}): readonly MessageEvent[] {
    if (this.open?.key === key) return NOTHING;
    const block = { type: 'thinking', thinking: '', signature: '' };
    return this.start(key, 'thinking', block, () => this.signature(item));
  }

  private reasoned({ key, item }: Told<'reasoned'>): readonly MessageEvent[] {
    if (this.open?.key === key) {
      const { index } = this.open;
      this.open = undefined;
      return [...deltasOf(index, this.signature(item)), { type: 'content_block_stop', index }];
    }
    if (!this.settings.wantsThinking || asText(item['encrypted_content']) === undefined) return NOTHING;
    return [...this.thinking(key, item), ...this.close()];
  }

  private signature(item: Fields): readonly Delta[] {
    return [{ type: 'signature_delta', signature: this.settings.signature(item) }];
  }

  private call({ key, callId, name, form }: Told<'call'>): readonly MessageEvent[] {
    const input = new ToolInput(form);
    this.inputs.set(key, input);
    this.called = true;
    const block = { type: 'tool_use', id: callId, name: this.settings.ownName(name), input: {} };
    return this.start(key, 'tool', block, () => inputDelta(input.rest()));
  }

  private start(key: string, kind: OpenBlock['kind'], block: Fields, end: OpenBlock['end'] = () => []) {
    const index = this.count;
    this.count += 1;
    this.open = { key, kind, index, end };
    return [{ type: 'content_block_start', index, content_block: block } as const];
  }

  private deltas(deltas: readonly Delta[]): readonly MessageEvent[] {
    return this.open === undefined ? NOTHING : deltasOf(this.open.index, deltas);
  }

  private close(): readonly MessageEvent[] {
    if (this.open === undefined) return NOTHING;
    const { index, end } = this.open;
    const last = deltasOf(index, end());
    this.open = undefined;
    return [...last, { type: 'content_block_stop', index }];
  }

  private waited(): readonly MessageEvent[] {
    return this.waiting.splice(0).flatMap((piece) => this.write(piece));
  }
}

const deltasOf = (index: number, deltas: readonly Delta[]): readonly MessageEvent[] =>
  deltas.map((delta) => ({ type: 'content_block_delta', index, delta }));

const textDelta = (text = ''): readonly Delta[] => (text === '' ? [] : [{ type: 'text_delta', text }]);

const inputDelta = (json = ''): readonly Delta[] =>
  json === '' ? [] : [{ type: 'input_json_delta', partial_json: json }];
