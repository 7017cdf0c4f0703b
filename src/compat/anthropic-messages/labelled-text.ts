import { asFields, asText, type Fields } from '../../core/index.js';
import { invalid } from '../translation/checks/invalid.js';
import { blocksOf, textOf, unknownBlock, type Block } from './content-blocks.js';

type Say = (block: Block) => string;

/** What Anthropic's own tools did in earlier turns. The backend has no such items: the model reads of them. */
const BY_TYPE: Readonly<Record<string, Say>> = {
  document,
  search_result: ({ fields, path }) => {
    const head = said('Search result', [fields['title'], fields['source']]);
    return `${head}\n${textsIn(fields['content'], `${path}.content`)}`;
  },
  compaction: ({ fields }) => `[Summary of the conversation]\n${asText(fields['content']) ?? ''}`,
  tool_reference: ({ fields }) => said('Tool', [fields['tool_name']]),
};
const SERVER_TOOL = /^(?:server_tool_use|mcp_tool_use|[a-z_]+_tool_result|container_upload)$/;

/**
 * A block that becomes text, its kind in front; `undefined` for blocks of other types.
 *
 * @throws GatewayError `invalid_request`, `unsupported_input_file_format`
 */
export function labelledText(block: Block): string | undefined {
  const say = Object.hasOwn(BY_TYPE, block.type) ? BY_TYPE[block.type] : undefined;
  if (say !== undefined) return say(block);
  if (!SERVER_TOOL.test(block.type)) return undefined;
  const { type, cache_control, ...rest } = block.fields;
  return `[${String(type)}]\n${JSON.stringify(rest)}`;
}

function document({ fields, path }: Block): string {
  const source = asFields(fields['source']) ?? {};
  const head = said('Document', [fields['title'], fields['context']]);
  return `${head}\n${documentText(source, `${path}.source`)}`;
}

function documentText(source: Fields, path: string): string {
  const { type, media_type: media, data } = source;
  const isText = media === undefined || (typeof media === 'string' && /^text\//i.test(media));
  if (type === 'content') return textsIn(source['content'], `${path}.content`);
  if (type === 'text' && typeof data === 'string') return data;
  if (type === 'base64' && isText && typeof data === 'string') return Buffer.from(data, 'base64').toString('utf8');
  throw invalid(path, `${path}: only documents of plain text can be read here`, 'unsupported_input_file_format');
}

const textsIn = (content: unknown, path: string): string =>
  blocksOf(content, path)
    .map((block) => (block.type === 'text' ? textOf(block) : unknownBlock(block)))
    .join('\n');

const said = (kind: string, names: readonly unknown[]): string =>
  `[${[kind, ...names.flatMap((name) => asText(name) ?? [])].join(': ')}]`;
