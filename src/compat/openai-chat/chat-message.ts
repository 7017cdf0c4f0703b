import type { Fields } from '../../core/index.js';
import type { ChatDelta, ToolCallDelta } from './chat-steps.js';

type Text = Exclude<keyof ChatDelta, 'tool_calls' | 'function_call'>;

const TEXTS: readonly Text[] = ['content', 'refusal', 'reasoning_content', 'reasoning'];

interface Call {
  readonly id: string;
  readonly type: 'function' | 'custom';
  readonly name: string;
  /** JSON text, or the free text of a custom tool. */
  given: string;
}

/** A message put together from its pieces, as a client of the stream would. */
export class ChatMessage {
  private readonly texts: Record<Text, string> = { content: '', refusal: '', reasoning_content: '', reasoning: '' };
  private readonly calls: Call[] = [];
  private functionCall: { name: string; arguments: string } | undefined;

  add(delta: ChatDelta): void {
    for (const name of TEXTS) this.texts[name] += delta[name] ?? '';
    for (const call of delta.tool_calls ?? []) this.addCall(call);
    const { function_call: called } = delta;
    if (called === undefined) return;
    this.functionCall ??= { name: called.name ?? '', arguments: '' };
    this.functionCall.arguments += called.arguments;
  }

  /** `content` is null where there is nothing to say beside calls, and `''` where there is nothing at all. */
  whole(): Fields {
    const { content, refusal, reasoning_content: summary, reasoning } = this.texts;
    const says = content !== '' || (this.calls.length === 0 && this.functionCall === undefined && refusal === '');
    const reasoned = summary === '' ? reasoning : summary;
    return {
      role: 'assistant',
      content: says ? content : null,
      ...(refusal === '' ? {} : { refusal }),
      ...(reasoned === '' ? {} : { reasoning_content: reasoned }),
      ...(reasoning === '' ? {} : { reasoning }),
      ...(this.calls.length === 0 ? {} : { tool_calls: this.calls.map(toolCall) }),
      ...(this.functionCall === undefined ? {} : { function_call: this.functionCall }),
    };
  }

  private addCall({ index, id, type, function: called, custom }: ToolCallDelta): void {
    const name = called?.name ?? custom?.name ?? '';
    const call = (this.calls[index] ??= { id: id ?? '', type: type ?? 'function', name, given: '' });
    call.given += called?.arguments ?? custom?.input ?? '';
  }
}

function toolCall({ id, type, name, given }: Call, index: number): Fields {
  const called = type === 'custom' ? { custom: { name, input: given } } : { function: { name, arguments: given } };
  return { id, type, ...called, index };
}
