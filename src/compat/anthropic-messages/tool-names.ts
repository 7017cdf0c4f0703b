import { createHash } from 'node:crypto';

/** What the backend takes as the name of a function. Tools of MCP servers often have longer ones here. */
const MAX_LENGTH = 64;
const DIGEST_LENGTH = 8;

/** Names that are too long or hold other characters, as the backend takes them, and back again. */
export class ToolNames {
  private readonly given = new Map<string, string>();

  /** The same name always gets the same short form, so that the calls of earlier turns fit the tools of this one. */
  sent(name: string): string {
    const plain = name.replace(/[^\w-]/g, '_');
    if (plain === name && name.length <= MAX_LENGTH) return name;
    const digest = createHash('sha256').update(name).digest('hex').slice(0, DIGEST_LENGTH);
    const short = `${plain.slice(0, MAX_LENGTH - DIGEST_LENGTH - 1)}_${digest}`;
    this.given.set(short, name);
    return short;
  }

  /** As the client knows it. */
  own(name: string): string {
    return this.given.get(name) ?? name;
  }
}
