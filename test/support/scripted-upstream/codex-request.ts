/** What a Codex request asks for, read leniently: every generation of the CLI, classic and lite models. */

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

type Item = Readonly<Record<string, unknown>>;

const records = (value: unknown): readonly Item[] => (Array.isArray(value) ? value.filter(isRecord) : []);

const inputItems = (body: unknown): readonly Item[] => (isRecord(body) ? records(body['input']) : []);

/** The text of a message's parts or of a tool's output, which may be a plain string. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return records(content)
    .map((part) => (typeof part['text'] === 'string' ? part['text'] : ''))
    .join('');
}

const isUserMessage = (item: Item): boolean =>
  item['role'] === 'user' && (item['type'] === 'message' || item['type'] === undefined);

/** What Claude Code puts among the words of a person, and after the outputs of tools. */
const REMINDER = /<system-reminder>.*?<\/system-reminder>\s*/gs;

/** What a person typed: the clients add messages of their own in angle brackets, such as `<environment_context>`. */
function isPrompt(item: Item): boolean {
  if (!isUserMessage(item)) return false;
  const text = textOf(item['content']);
  const said = text.replaceAll(REMINDER, '');
  return !/^<(?!image\b)[a-z_]+[ >]/.test(said) && (said !== '' || text === '');
}

/** The last thing the user said; '' when nothing. A string `input` is the prompt itself. */
export function lastPrompt(body: unknown): string {
  if (isRecord(body) && typeof body['input'] === 'string') return body['input'];
  return textOf(inputItems(body).findLast(isPrompt)?.['content']).replaceAll(REMINDER, '');
}

/** How many prompts of the user and answers of ours the history holds. */
export function turnCount(body: unknown): { readonly users: number; readonly assistants: number } {
  const items = inputItems(body);
  return {
    users: items.filter(isPrompt).length,
    assistants: items.filter((item) => item['role'] === 'assistant').length,
  };
}

export const imageCount = (body: unknown): number =>
  inputItems(body)
    .flatMap((item) => records(item['content']))
    .filter((part) => part['type'] === 'input_image').length;

/** The outputs of the tool calls made since the last prompt. */
export function toolOutputs(body: unknown): readonly string[] {
  const items = inputItems(body);
  const sincePrompt = items.slice(items.findLastIndex(isPrompt) + 1);
  return sincePrompt
    .filter((item) => String(item['type']).endsWith('_call_output'))
    .map((item) => textOf(item['output']));
}

/** The schema that the answer has to follow, if the request has one. */
export function answerSchema(body: unknown): Item | undefined {
  const text = isRecord(body) ? body['text'] : undefined;
  const format = isRecord(text) ? text['format'] : undefined;
  return isRecord(format) && isRecord(format['schema']) ? format['schema'] : undefined;
}

/** Every tool that the request offers: at top level (classic), or in an `additional_tools` item (lite models). */
export function offeredTools(body: unknown): readonly Item[] {
  const top = isRecord(body) ? records(body['tools']) : [];
  const lite = inputItems(body)
    .filter((item) => item['type'] === 'additional_tools')
    .flatMap((item) => records(item['tools']));
  return [...top, ...lite].flatMap((tool) => (tool['type'] === 'namespace' ? records(tool['tools']) : [tool]));
}

/** Whether the history is to be folded into one opaque item. */
export const asksForCompaction = (body: unknown): boolean => inputItems(body).at(-1)?.['type'] === 'compaction_trigger';

/** Whether the history holds what a compaction gave. */
export const holdsCompaction = (body: unknown): boolean =>
  inputItems(body).some((item) => item['type'] === 'compaction');

/** Whether it goes on from an earlier response of its websocket. */
export const asksForContinuation = (body: unknown): body is { readonly previous_response_id: unknown } =>
  isRecord(body) && body['previous_response_id'] !== undefined && body['previous_response_id'] !== null;

/** A websocket's warm-up: nothing is to be generated. */
export const isWarmUp = (body: unknown): boolean => isRecord(body) && body['generate'] === false;

/** Whether all that the answer can be is a picture: there is no other tool than the hosted one. */
export function wantsPicture(body: unknown): boolean {
  const types = new Set(offeredTools(body).map(({ type }) => type));
  return types.size === 1 && types.has('image_generation');
}
