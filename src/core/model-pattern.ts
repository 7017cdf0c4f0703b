/** A model's name, or a pattern, as it is compared. */
export const normalModel = (model: string): string => model.trim().toLowerCase();

/**
 * Whether a model's name fits a pattern in which `*` stands for any text, also none. Neither case nor blanks around
 * either of them matter.
 */
export function matchesModel(pattern: string, model: string): boolean {
  const name = normalModel(model);
  const [first = '', ...rest] = normalModel(pattern).split('*');
  const last = rest.pop();
  if (last === undefined) return name === first;
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
  const end = name.length - last.length;
  let at = first.length;
  // The first place where a piece fits leaves the most room for those after it.
  return rest.every((piece) => {
    const found = name.indexOf(piece, at);
    at = found + piece.length;
    return found !== -1 && at <= end;
  });
}
