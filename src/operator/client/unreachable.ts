/** Whoever does operations does not answer, or is not who it should be; `message` is all the operator needs to read. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}
