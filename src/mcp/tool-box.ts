import { z } from 'zod';
import type { OperatorScope } from '../core/index.js';
import { ControlError } from '../control/index.js';
import type { Tool, ToolCall } from './tool.js';
import { text } from './tools/fields.js';

/** Of the names of all tools, so that a model that has many servers can tell them apart. */
const PREFIX = 'codex_pooler_';

/** A tool as `tools/list` shows it. */
export interface ListedTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: ObjectSchema;
  readonly outputSchema: ObjectSchema;
  readonly annotations: Readonly<Record<string, boolean | string>>;
}

type ObjectSchema = Record<string, unknown> & { type: 'object' };

/** What comes of a call. A failure is a result too: a model reads it, and does better. */
export interface ToolResult extends Record<string, unknown> {
  content: { type: 'text'; text: string }[];
  structuredContent?: Record<string, unknown>;
  isError?: true;
}

/** The tools, and who may use which. */
export class ToolBox {
  private readonly byName: ReadonlyMap<string, Tool>;
  private readonly listed: ReadonlyMap<Tool, ListedTool>;

  constructor(tools: readonly Tool[]) {
    this.byName = new Map(tools.map((each) => [`${PREFIX}${each.name}`, each]));
    this.listed = new Map(tools.map((each) => [each, listing(each)]));
  }

  list(scopes: ReadonlySet<OperatorScope>): ListedTool[] {
    return [...this.listed].filter(([each]) => mayUse(each, scopes)).map(([, shown]) => shown);
  }

  /** `undefined`: there is no such tool for whoever asks. */
  find(name: unknown, scopes: ReadonlySet<OperatorScope>): Tool | undefined {
    const found = typeof name === 'string' ? this.byName.get(name) : undefined;
    return found && mayUse(found, scopes) ? found : undefined;
  }
}

const mayUse = ({ effect }: Tool, scopes: ReadonlySet<OperatorScope>): boolean =>
  effect === 'reads' || scopes.has('mcp:write');

const READS = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };
const WRITES = { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false };

function listing({ name, title, description, effect, input, output }: Tool): ListedTool {
  return {
    name: `${PREFIX}${name}`,
    title,
    description,
    inputSchema: schemaOf(input, 'input'),
    outputSchema: schemaOf(output, 'output'),
    annotations: { title, ...(effect === 'reads' ? READS : WRITES) },
  };
}

const schemaOf = (schema: z.ZodObject, io: 'input' | 'output'): ObjectSchema => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' });
  return { ...rest, type: 'object' };
};

/** @param given blank texts in it count as left out */
export async function runTool(tool: Tool, given: unknown, call: ToolCall): Promise<ToolResult> {
  if (tool.ownersOnly === true && call.asker.poolIds !== undefined) {
    return failed('capability_denied', 'Only a token that sees all Pools may ask this.');
  }
  const parsed = tool.input.safeParse(withoutBlanks(given ?? {}));
  if (!parsed.success) return failed('invalid_arguments', problemsOf(parsed.error));
  try {
    const { text: sentence, content } = await tool.run(parsed.data, call);
    return { content: [said(sentence)], structuredContent: tool.output.parse(content) };
  } catch (thrown) {
    if (thrown instanceof ControlError) return refused(thrown);
    throw thrown;
  }
}

const CODES: Partial<Record<string, string>> = { invalid_input: 'invalid_arguments', forbidden: 'capability_denied' };

/** What is not there was named by whoever asks: its name is not repeated. */
const refused = ({ code, message }: ControlError): ToolResult =>
  failed(CODES[code] ?? code, code === 'not_found' ? 'There is nothing of that name to be seen.' : message);

const failed = (code: string, message: string): ToolResult => ({
  content: [said(`${code}: ${message}`)],
  isError: true,
});

const said = (sentence: string) => ({ type: 'text' as const, text: text.parse(sentence) });

const withoutBlanks = (given: unknown): unknown =>
  typeof given === 'object' && given !== null && !Array.isArray(given)
    ? Object.fromEntries(Object.entries(given).filter(([, value]) => typeof value !== 'string' || value.trim() !== ''))
    : given;

/** Which arguments are wrong, and nothing of what they say; names that we do not know are not repeated either. */
const problemsOf = ({ issues }: z.ZodError): string =>
  issues
    .map(({ code, path, message }) =>
      code === 'unrecognized_keys'
        ? 'there are arguments that this tool does not know'
        : `${path.join('.') || 'arguments'}: ${message}`,
    )
    .join('; ');
