/**
 * The input of one call as pieces of JSON. It has to be an object here: text that begins as none is kept until it is
 * whole, and becomes the `input` of one.
 */
export class ToolInput {
  private held = '';
  private flowing = false;

  /** @param form `custom`: the input is free text, whatever it looks like */
  constructor(private readonly form: 'function' | 'custom') {}

  /** @returns what can go on now */
  push(delta: string): string {
    if (this.flowing) return delta;
    this.held += delta;
    this.flowing = this.form === 'function' && /^\s*\{/.test(this.held);
    return this.flowing ? this.taken() : '';
  }

  /** @returns what is left when the call is whole */
  rest(): string {
    if (this.flowing || (this.form === 'function' && this.held.trim() === '')) return '';
    return JSON.stringify({ input: this.taken() });
  }

  private taken(): string {
    const { held } = this;
    this.held = '';
    return held;
  }
}
