const MAX_PIECE_LENGTH = 1_000;
const SPACE = /\s/;

/**
 * A text in pieces of at most 1,000 characters, cut in front of a space where there is one. Counting takes time that
 * grows with the square of an unbroken run's length; a cut elsewhere costs at most a token or two.
 */
export function* textPieces(text: string): Generator<string> {
  let at = 0;
  while (at < text.length) {
    const end = endOf(text, at);
    yield text.slice(at, end);
    at = end;
  }
}

function endOf(text: string, at: number): number {
  const limit = at + MAX_PIECE_LENGTH;
  if (limit >= text.length) return text.length;
  for (let end = limit; end > at; end -= 1) {
    if (SPACE.test(text[end] ?? '') && !SPACE.test(text[end - 1] ?? '')) return end;
  }
  return limit;
}
