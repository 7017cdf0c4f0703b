/** A connection that must not be made: the host has an address that is neither public nor allowed. */
export class EgressRefused extends Error {
  override readonly name = 'EgressRefused';

  constructor() {
    super('The host has an address that is not public.');
  }
}
