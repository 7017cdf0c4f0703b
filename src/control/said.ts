type Said<T> = { [Field in keyof T]: Exclude<T[Field], undefined> };

/** Only what was said: services take what is absent and what is `undefined` for different things. */
export const said = <T extends object>(given: T): Said<T> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Said<T>;
