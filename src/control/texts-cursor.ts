import { z } from 'zod';
import { invalidField } from './control-error.js';

/** Says whether a text may be at its place; regular expressions do. */
interface Shape {
  test(text: string): boolean;
}

/** Where a page ended, as some texts: for lists that no time and id put in order. */
export const textsCursor = (texts: readonly string[]): string =>
  Buffer.from(JSON.stringify(texts)).toString('base64url');

/**
 * @param shape what each of the texts has to look like
 * @throws ControlError `invalid_input` for a cursor that nobody made
 */
export function textsAt(cursor: string | undefined, shape: readonly Shape[]): readonly string[] | undefined {
  if (cursor === undefined) return undefined;
  const { data } = z.array(z.string()).length(shape.length).safeParse(parsed(cursor));
  if (data?.every((text, at) => shape[at]?.test(text))) return data;
  throw invalidField('after', 'It is no cursor of this list.');
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
}
