import {
  answer,
  compaction,
  customToolCall,
  idKey,
  image,
  reasoning,
  say,
  toolCall,
  type AnswerOptions,
} from './answer.js';
import { functionCall } from './answer-parts.js';
import {
  answerSchema,
  asksForCompaction,
  holdsCompaction,
  imageCount,
  isRecord,
  lastPrompt,
  offeredTools,
  toolOutputs,
  turnCount,
  wantsPicture,
} from './codex-request.js';
import { failedAfter, burst429, overloaded503 } from './failures.js';
import { html200 } from './plain-replies.js';
import type { RecordedRequest } from './recorded-request.js';
import { cutAfter, paced, StreamReply, withHeaders } from './stream-reply.js';
import { usage } from './wire-event.js';
import type { Reply, Script } from './wire.js';

const DIRECTIVE = /\[\[(\w+)\s*(.*?)\]\]/s;

/**
 * Answers by what the prompt says: `[[say TEXT]]`, `[[think TEXT]]` before an answer, `[[tool {"cmd":"echo hi"}]]`,
 * `[[call NAME {"an":"argument"}]]` for any function tool, `[[delegate]]` to a sub-agent, `[[schema]]`, `[[image]]`,
 * `[[picture]]`, `[[turns]]`, `[[compact]]` (reports so many tokens that the client compacts), `[[fail CODE]]` in the middle
 * of an answer, `[[cut N]]`, `[[overloaded]]`, `[[burst]]`, `[[html]]`. Without any of these the answer follows the
 * schema, the image tool when it is alone, or a `get_weather` tool when the prompt speaks of the weather; else it is a short greeting.
 *
 * @param paceMs pause between the events of an answer
 */
export const directives =
  (paceMs = 0): Script =>
  (request) => {
    const reply = replyTo(request);
    return reply instanceof StreamReply ? paced(paceMs, withHeaders(turnState(request), reply)) : reply;
  };

/** The backend names a turn in its first answer and the client repeats that name for the rest of the turn. */
const turnState = (request: RecordedRequest): Record<string, string> => ({
  'x-codex-turn-state': request.header('x-codex-turn-state') ?? `ts-${idKey(request.ordinal)}`,
});

function replyTo(request: RecordedRequest): Reply {
  const body = request.whole();
  if (request.header('x-openai-subagent') === 'collab_spawn') return say('CHILD_OK');
  if (asksForCompaction(body)) return compaction(`gAAAA-simulated-compaction-${idKey(request.ordinal)}`);
  const prompt = lastPrompt(body);
  const [, name, argument = ''] = DIRECTIVE.exec(prompt) ?? [];
  const outputs = toolOutputs(body);
  if (name === 'delegate') return delegated(outputs.length);
  const output = outputs.at(-1);
  if (output !== undefined) return say('TOOL_OK', ` ${firstLine(output)}`);
  const known = name === undefined ? undefined : ANSWERS[name];
  return known === undefined ? unasked(prompt, body) : known(argument, body);
}

/** The answer to a prompt that says nothing about it. */
function unasked(prompt: string, body: unknown): Reply {
  if (wantsPicture(body)) return image(RED_PNG);
  const tool = toolFor(prompt, body);
  if (tool !== undefined) return toolCall(String(tool['name']), exampleOf(tool['parameters']));
  const schema = answerSchema(body);
  if (schema !== undefined) return say(...inPieces(JSON.stringify(exampleOf(schema))));
  // An older CLI sends nothing but what its compaction gave.
  return prompt === '' && holdsCompaction(body) ? say('COMPACT_OK') : say(...inPieces(greeting(prompt)));
}

const ANSWERS: Readonly<Record<string, (argument: string, body: unknown) => Reply>> = {
  say: (text) => say(...inPieces(text)),
  think: (text) => reasoning(text, 'Thought it through.'),
  call: (argument) => functionCallOf(argument),
  tool: (argument, body) => shellCall(commandOf(argument), body),
  compact: (_, body) => (holdsCompaction(body) ? say('COMPACT_OK') : shellCall('echo full', body, NEARLY_FULL)),
  schema: (_, body) => say(JSON.stringify(exampleOf(answerSchema(body) ?? ANSWER_SCHEMA))),
  image: (_, body) => say('IMAGES_OK', ` ${String(imageCount(body))}`),
  picture: () => image(RED_PNG),
  turns: (_, body) => {
    const { users, assistants } = turnCount(body);
    return say('TURNS_OK', ` users=${String(users)}`, ` assistants=${String(assistants)}`);
  },
  cut: (count) => cutAfter(Number(count) || 5, say('This answer ', 'ends ', 'too ', 'early.')),
  fail: (code) => failedAfter(4, say('This answer ', 'fails.'), code || 'server_error'),
  overloaded: () => overloaded503(),
  burst: () => burst429(),
  html: () => html200(),
};

/** Past nine tenths of the context window of gpt-5.5, where Codex CLIs compact. Source: codex-cli 0.169. */
const NEARLY_FULL: AnswerOptions = { usage: usage(244_800, 0, 200, 0) };

const ANSWER_SCHEMA = { type: 'object', properties: { answer: { type: 'string' } } };

/** A red square of one pixel. */
const RED_PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';

/** `get_weather`, when that is what the prompt is about. */
const toolFor = (prompt: string, body: unknown): Readonly<Record<string, unknown>> | undefined =>
  offeredTools(body).find(({ name }) => {
    const [, subject] = typeof name === 'string' ? (/^get_(\w+)$/.exec(name) ?? []) : [];
    return subject !== undefined && prompt.toLowerCase().includes(subject);
  });

function functionCallOf(argument: string): Reply {
  const [, name = '', args = '{}'] = /^(\S+)\s*(.*)$/s.exec(argument) ?? [];
  return toolCall(name, args === '' ? '{}' : args);
}

function commandOf(argument: string): string {
  const given: unknown = JSON.parse(argument);
  if (!isRecord(given) || typeof given['cmd'] !== 'string') throw new SyntaxError('[[tool]] needs {"cmd": "…"}');
  return given['cmd'];
}

/** Start a sub-agent, wait for it, and say so. Source: the tools that codex-cli 0.169 offers to newer models. */
function delegated(steps: number): Reply {
  const call = (name: string, args: object) => answer([functionCall(name, args, 'collaboration')]);
  if (steps === 0) return call('spawn_agent', { message: 'child please answer', task_name: 'kid' });
  return steps === 1 ? call('wait_agent', { timeout_ms: 10_000 }) : say('DELEGATED');
}

/** Call the shell by the name and in the form that this client offers it. */
function shellCall(cmd: string, body: unknown, options?: AnswerOptions): Reply {
  const offered = new Set(offeredTools(body).map((tool) => tool['name'] ?? tool['type']));
  if (offered.has('exec_command')) return toolCall('exec_command', { cmd }, options);
  if (offered.has('shell_command')) return toolCall('shell_command', { command: cmd }, options);
  if (offered.has('shell')) return toolCall('shell', { command: ['bash', '-lc', cmd] }, options);
  if (offered.has('Bash')) return toolCall('Bash', { command: cmd, description: 'Runs it' }, options);
  if (offered.has('exec')) {
    const code = `const r = await tools.exec_command({cmd: ${JSON.stringify(cmd)}}); text(r.output ?? r);`;
    return customToolCall('exec', code, options);
  }
  return say('NO_SHELL_TOOL');
}

/** The CLI wraps what a command printed in a report that ends with `Output:`. */
function firstLine(output: string): string {
  const report = /(?:^|\n)Output:\n([\s\S]*)$/.exec(output);
  return (report?.[1] ?? output).trimStart().split('\n', 1)[0] ?? '';
}

/** The smallest value that fits a JSON schema of the kind people give to `--output-schema`. */
function exampleOf(schema: unknown): unknown {
  if (!isRecord(schema)) return 'simulated';
  if (Array.isArray(schema['enum'])) return schema['enum'][0] as unknown;
  const properties = isRecord(schema['properties']) ? schema['properties'] : {};
  switch (schema['type']) {
    case 'object':
      return Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, exampleOf(each)]));
    case 'array':
      return [exampleOf(schema['items'])];
    case 'integer':
    case 'number':
      return 42;
    case 'boolean':
      return true;
    default:
      return 'simulated';
  }
}

const greeting = (prompt: string): string => {
  const heard = prompt.replaceAll(/\s+/g, ' ').trim().slice(0, 60);
  return `Hello from the scripted upstream. No model was asked; your prompt began: "${heard}"`;
};

/** One piece for each word, as a model streams. */
const inPieces = (text: string): string[] => text.match(/\s*\S+\s*$|\s*\S+/g) ?? [text];
