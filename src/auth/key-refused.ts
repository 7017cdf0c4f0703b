/** The operator asked for a key, or a rule for one, that cannot be made; `message` says why and quotes no secret. */
export class KeyRefused extends Error {
  override readonly name = 'KeyRefused';
}
