const SENTENCES = {
  invalid: 'An account label has 1 to 100 characters.',
  taken: 'Another login already has this label.',
} as const;

/** An account cannot have the name that it was given. */
export class AccountLabelRefused extends Error {
  override readonly name = 'AccountLabelRefused';

  constructor(readonly reason: keyof typeof SENTENCES) {
    super(SENTENCES[reason]);
  }
}

const MAX_CHARS = 100;

/** @throws AccountLabelRefused `invalid` */
export function acceptedLabel(given: string): string {
  const label = given.trim();
  if (label === '' || label.length > MAX_CHARS) throw new AccountLabelRefused('invalid');
  return label;
}
