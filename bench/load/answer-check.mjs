import { sharedMs } from '../clock.mjs';

/** A text that comes this much later than the pace was lost for a while. */
const STALL_PACES = 10;
const STALL_FLOOR_MS = 1_000;

/** Reads one answer, and knows whether it was whole: every text, in order, once; one terminal event, nothing after it. */
export class AnswerCheck {
  firstMs;
  /** From the upstream's write to here, for each text. */
  delaysMs = [];
  /** What is wrong; undefined: nothing. */
  fault;
  #expected = 0;
  #terminals = 0;
  #lastMs;
  #rest = '';

  constructor({ plan, dialect, startedMs = sharedMs() }) {
    this.plan = plan;
    this.dialect = dialect;
    this.startedMs = startedMs;
    this.stallMs = Math.max(STALL_FLOOR_MS, STALL_PACES * plan.paceMs);
  }

  event(data) {
    const { text, terminal = false, failed = false } = this.dialect.read(data);
    if (failed) this.#blame(`it failed: ${data.slice(0, 300)}`);
    if (this.#terminals > 0) this.#blame('an event came after the terminal one');
    if (terminal) this.#terminals += 1;
    if (text) this.#texts(text);
  }

  /** @returns this, with its verdict */
  ended() {
    if (this.#expected !== this.plan.deltas) this.#blame(`${this.#expected} of ${this.plan.deltas} texts came`);
    if (this.#terminals !== 1) this.#blame(`${this.#terminals} terminal events came`);
    return this;
  }

  get isOver() {
    return this.#terminals > 0;
  }

  /** A translation may put texts together, or split them. */
  #texts(text) {
    const nowMs = sharedMs();
    const words = (this.#rest + text).split(' ');
    this.#rest = words.pop();
    for (const word of words) if (word.includes('@')) this.#text(word, nowMs);
  }

  #text(word, nowMs) {
    const [number, sentMs] = word.split('@').map(Number);
    if (number !== this.#expected) this.#blame(`text ${number} came in place of ${this.#expected}`);
    this.#expected = number + 1;
    this.firstMs ??= nowMs - this.startedMs;
    this.delaysMs.push(nowMs - sentMs);
    if (this.#lastMs !== undefined && nowMs - this.#lastMs > this.stallMs)
      this.#blame(`it stood still for ${Math.round(nowMs - this.#lastMs)} ms`);
    this.#lastMs = nowMs;
  }

  #blame(fault) {
    this.fault ??= fault;
  }
}
