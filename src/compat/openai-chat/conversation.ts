import { asFields, asFieldsList, asText, type Fields } from '../../core/index.js';
import { checkpointItems } from '../translation/checkpoint.js';
import { requireDistinctCalls } from '../translation/checks/distinct-calls.js';
import { invalid } from '../translation/checks/invalid.js';
import { NEUTRAL_INSTRUCTIONS } from '../translation/responses-body.js';
import { outputPart, partsOf, plainText, userPart } from './content-parts.js';
import { calledFunction, calledInPart, calledTool, partOutput, toolOutput, toolResult } from './tool-history.js';

/** A chat history as a Responses request has it. */
export interface Conversation {
  readonly input: readonly Fields[];
  readonly instructions?: string;
}

/** @throws GatewayError `invalid_request` with the place in `messages` that is wrong */
export function conversationOf(messages: readonly unknown[]): Conversation {
  const reader = new ConversationReader();
  for (const [index, given] of messages.entries()) {
    const param = `messages.${index}`;
    const message = asFields(given);
    if (message === undefined) throw invalid(param, `${param} must be an object`);
    reader.read(message, param);
  }
  return reader.whole();
}

type Read = (message: Fields, param: string) => void;

class ConversationReader {
  private readonly input: Fields[] = [];
  private readonly instructions: string[] = [];
  /** The ids of calls of custom tools: their results are of another type. */
  private readonly customCalls = new Set<unknown>();

  private readonly readers: ReadonlyMap<unknown, Read> = new Map<unknown, Read>([
    ['system', (message, param) => this.system(message, param)],
    ['developer', (message, param) => this.system(message, param)],
    ['user', (message, param) => this.user(message, param)],
    ['assistant', (message, param) => this.assistant(message, param)],
    ['tool', (message, param) => this.tool(message, param)],
    ['function', (message, param) => this.function(message, param)],
  ]);

  read(message: Fields, param: string): void {
    const read = this.readers.get(message['role']);
    if (read === undefined) {
      throw invalid(`${param}.role`, `${param}.role must be one of ${[...this.readers.keys()].join(', ')}`);
    }
    read(message, param);
  }

  whole(): Conversation {
    const { input, instructions } = this;
    if (input.length === 0) return this.instructed();
    requireDistinctCalls(input);
    return { input, ...(instructions.length === 0 ? {} : { instructions: instructions.join('\n\n') }) };
  }

  /** Instructions alone are no conversation: the last of them is then what the model is asked. */
  private instructed(): Conversation {
    const { input, instructions } = this;
    const text = instructions.pop();
    if (text === undefined) throw invalid('messages', 'messages must say something');
    this.say('developer', [{ type: 'input_text', text }]);
    return { input, instructions: instructions.join('\n\n') || NEUTRAL_INSTRUCTIONS };
  }

  private system({ content }: Fields, param: string): void {
    const text = plainText(content, `${param}.content`);
    const folded = checkpointItems(text);
    if (folded !== undefined) this.input.push(...folded);
    else if (text !== '') this.instructions.push(text);
  }

  private user({ content }: Fields, param: string): void {
    if (typeof content === 'string') return this.say('user', [{ type: 'input_text', text: content }]);
    if (!Array.isArray(content)) {
      throw invalid(`${param}.content`, `${param}.content must be a string or a list of parts`);
    }
    this.parts('user', content, `${param}.content`, userPart);
  }

  private assistant(message: Fields, param: string): void {
    const { content, refusal, tool_calls: calls } = message;
    if (Array.isArray(content)) this.parts('assistant', content, `${param}.content`, outputPart);
    else {
      const text = plainText(content ?? refusal, `${param}.content`);
      this.say('assistant', text === '' ? [] : [{ type: 'output_text', text }]);
    }
    if (calls !== undefined && calls !== null && !Array.isArray(calls)) {
      throw invalid(`${param}.tool_calls`, `${param}.tool_calls must be a list`);
    }
    for (const call of asFieldsList(calls)) this.call(calledTool(call));
    const called = asFields(message['function_call']);
    if (called !== undefined) this.call(calledFunction(called));
  }

  private tool(message: Fields, param: string): void {
    const { content } = message;
    const callId = asText(message['tool_call_id']) ?? asText(message['name']);
    if (callId !== undefined) return this.result(callId, toolOutput(content, `${param}.content`));
    const parts = Array.isArray(content) ? partsOf(content, `${param}.content`) : [];
    if (parts.length === 0 || !parts.every(([part]) => part['type'] === 'tool-result')) {
      throw invalid(`${param}.tool_call_id`, `${param}.tool_call_id must name the call that this is the result of`);
    }
    for (const [part, at] of parts) this.resultPart(part, at);
  }

  private function({ name, content }: Fields, param: string): void {
    const called = asText(name);
    if (called === undefined) throw invalid(`${param}.name`, `${param}.name must name the function`);
    this.result(called, toolOutput(content, `${param}.content`));
  }

  /** Calls and results among the parts split the message: the order stays. */
  private parts(
    role: 'user' | 'assistant',
    content: readonly unknown[],
    param: string,
    partOf: (part: Fields, at: string) => Fields | undefined,
  ): void {
    let run: Fields[] = [];
    for (const [part, at] of partsOf(content, param)) {
      const { type } = part;
      if (type === 'tool-call' || type === 'tool-result') {
        this.say(role, run);
        run = [];
        if (type === 'tool-call') this.call(calledInPart(part));
        else this.resultPart(part, at);
      } else {
        const said = partOf(part, at);
        if (said !== undefined) run.push(said);
      }
    }
    this.say(role, run);
  }

  private say(role: string, content: readonly Fields[]): void {
    if (content.length > 0) this.input.push({ type: 'message', role, content });
  }

  private call(item: Fields | undefined): void {
    if (item === undefined) return;
    if (item['type'] === 'custom_tool_call') this.customCalls.add(item['call_id']);
    this.input.push(item);
  }

  private resultPart(part: Fields, param: string): void {
    const callId = asText(part['toolCallId']);
    if (callId === undefined) throw invalid(`${param}.toolCallId`, `${param}.toolCallId must name the call`);
    this.result(callId, partOutput(part, `${param}.output`));
  }

  private result(callId: string, output: string | readonly Fields[]): void {
    this.input.push(toolResult(callId, output, this.customCalls.has(callId)));
  }
}
