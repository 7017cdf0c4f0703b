/** The events of a stream as they come, whatever the chunks split. */
export class EventLines {
  /** Of the event that is not whole yet. Joined once: an event may be as large as it likes. */
  #parts = [];
  /** A line end that may be the first of two. */
  #held = '';

  /** @param onEvent called with the data of each event */
  constructor(onEvent) {
    this.onEvent = onEvent;
  }

  push(chunk) {
    const text = this.#held + chunk.latin1Slice();
    let from = 0;
    for (let to = text.indexOf('\n\n'); to !== -1; to = text.indexOf('\n\n', from)) {
      this.#parts.push(text.slice(from, to));
      this.#event(this.#parts.length === 1 ? this.#parts[0] : this.#parts.join(''));
      this.#parts = [];
      from = to + 2;
    }
    this.#held = from < text.length && text.endsWith('\n') ? '\n' : '';
    if (from < text.length - this.#held.length) this.#parts.push(text.slice(from, text.length - this.#held.length));
  }

  /** Whether the stream ended in the middle of an event. */
  get isTorn() {
    return this.#parts.length > 0;
  }

  #event(text) {
    if (text.startsWith('data: ')) return this.onEvent(text.slice(6));
    const at = text.indexOf('\ndata: ');
    // Comments keep connections alive.
    if (at !== -1) this.onEvent(text.slice(at + 7));
  }
}
