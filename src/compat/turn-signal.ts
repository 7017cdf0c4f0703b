/** Aborts with the websocket's signal; what listens to that is forgotten with the turn. */
export function turnSignal(outer: AbortSignal): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort(outer.reason);
  if (outer.aborted) abort();
  else outer.addEventListener('abort', abort);
  return { signal: controller.signal, release: () => outer.removeEventListener('abort', abort) };
}
