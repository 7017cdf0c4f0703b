const NONE = 'none';

/** What a command line says, where `none` says that there is to be none. */
type Said<Options> = { readonly [Name in keyof Options]: Options[Name] | typeof NONE };

/** A reader of option values that lets `none` through. */
export const orNone =
  <Value>(read: (text: string) => Value) =>
  (text: string): Value | typeof NONE =>
    text === NONE ? NONE : read(text);

/** Options with `null` for `none`, which commander itself takes for nothing said. */
export const withNulls = <Options extends object>(said: Said<Options>): Options =>
  Object.fromEntries(Object.entries(said).map(([name, value]) => [name, value === NONE ? null : value])) as Options;
