import {
  anchorDigest,
  asFields,
  asText,
  sealedContent,
  type AccountId,
  type Anchor,
  type RoutedCall,
  type SealedContent,
} from '../../core/index.js';

/** Each of them is looked up; the newest say who a conversation is with, and an older one would be no surer. */
const MOST_LOOKED_UP = 8;

/**
 * What a request goes on from, so that it can go on where that was made: what is sealed in its input, the newest first,
 * and an earlier response that it names instead of bringing it. The input is walked once; a digest is made of at most
 * eight items.
 *
 * @param responseId of the response that the upstream is to go on from
 */
export function goesOnFrom(
  input: readonly unknown[],
  responseId?: string | null,
): Pick<RoutedCall, 'anchors' | 'sealed'> {
  const sealed = input
    .map(sealedContent)
    .filter((item) => item !== undefined)
    .reverse();
  const folded = sealed.find(({ kind }) => kind === 'conversation');
  const response = asText(responseId?.trim());
  const anchors: readonly Anchor[] = [
    ...(response === undefined ? [] : [{ kind: 'response' as const, digest: anchorDigest(response) }]),
    ...lookedUp(sealed, folded).map(({ kind, content }) => ({ kind, digest: anchorDigest(content) })),
  ];
  return {
    ...(anchors.length === 0 ? {} : { anchors }),
    ...(sealed.length === 0 ? {} : { sealed: folded === undefined ? ('reasoning' as const) : folded.kind }),
  };
}

/** A folded conversation is one of them, however much came after it. */
function lookedUp(sealed: readonly SealedContent[], folded: SealedContent | undefined): readonly SealedContent[] {
  const newest = sealed.slice(0, MOST_LOOKED_UP);
  if (folded === undefined || newest.includes(folded)) return newest;
  return [...newest.slice(0, MOST_LOOKED_UP - 1), folded];
}

/** The client's prompt cache key, when it has one. */
export function cacheKeyIn(given: unknown): Pick<RoutedCall, 'cacheKey'> {
  const cacheKey = typeof given === 'string' ? asText(given.trim()) : undefined;
  return cacheKey === undefined ? {} : { cacheKey };
}

/**
 * What the backend encrypts can only be read by the account that made it (T27). A call that goes on from one account
 * prefers it. Reasoning is left out for any other; a folded conversation cannot be, so nobody else can go on with it.
 */
export const accountFor = (id: AccountId, input: readonly unknown[]): NonNullable<RoutedCall['account']> => ({
  id,
  required: input.some((item) => isSealed(item) && !isReasoning(item)),
});

export const isReasoning = (item: unknown): boolean => asFields(item)?.['type'] === 'reasoning';

const isSealed = (item: unknown): boolean => asText(asFields(item)?.['encrypted_content']) !== undefined;
