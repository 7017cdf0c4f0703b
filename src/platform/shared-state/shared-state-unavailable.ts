/** The store of shared state did not answer. `cause` is for the log. */
export class SharedStateUnavailable extends Error {
  override readonly name = 'SharedStateUnavailable';

  constructor(cause: unknown) {
    super('The store of shared state does not answer', { cause });
  }
}
