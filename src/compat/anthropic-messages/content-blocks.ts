import { asFields, asText, type Fields } from '../../core/index.js';
import { invalid } from '../translation/checks/invalid.js';

/** One block of a message, and where it stands in the request. */
export interface Block {
  readonly type: string;
  readonly fields: Fields;
  readonly path: string;
}

/**
 * The blocks of a message's or a result's content; a text is one block.
 *
 * @throws GatewayError `invalid_request` with the path of what is no content
 */
export function blocksOf(content: unknown, path: string): readonly Block[] {
  if (typeof content === 'string') return [{ type: 'text', fields: { text: content }, path }];
  if (!Array.isArray(content)) throw invalid(path, `${path}: must be a text or a list of content blocks`);
  return content.map((given: unknown, at) => {
    const fields = asFields(given);
    const type = asText(fields?.['type']);
    if (fields === undefined || type === undefined) {
      throw invalid(`${path}.${at}`, `${path}.${at}: must be a content block with a type`);
    }
    return { type, fields, path: `${path}.${at}` };
  });
}

/** @throws GatewayError `invalid_request` */
export function textOf({ fields, path }: Block): string {
  const { text } = fields;
  if (typeof text !== 'string') throw invalid(`${path}.text`, `${path}.text: must be a text`);
  return text;
}

/** @throws GatewayError `invalid_request` */
export function unknownBlock({ type, path }: Block): never {
  throw invalid(`${path}.type`, `${path}.type: ${type.slice(0, 100)} is not supported here`);
}
