import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** All that came, as it came. */
  readonly text: string;
}

/** A connection that sends exactly the given bytes, whatever HTTP says of them. */
export class RawConnection {
  private received = '';
  private readonly closed: Promise<unknown>;

  private constructor(readonly socket: Socket) {
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => (this.received += text));
    socket.on('error', () => undefined);
    // A server that has answered may close while it is still being told something: that is no failure.
    this.closed = new Promise((resolve) => socket.once('close', resolve));
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  send(bytes: string | Buffer): this {
    this.socket.write(bytes);
    return this;
  }

  /** What the server said until it closed. */
  async untilClosed(): Promise<RawAnswer> {
    await this.closed;
    return parsed(this.received);
  }

  /** What has come once it holds the text. */
  async until(text: string): Promise<RawAnswer> {
    while (!this.received.includes(text)) {
      await Promise.race([once(this.socket, 'data'), this.closed]);
      if (this.socket.destroyed && !this.received.includes(text)) throw new Error(`closed without "${text}"`);
    }
    return parsed(this.received);
  }

  close(): void {
    this.socket.destroy();
  }
}

function parsed(text: string): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line) => [
    line.slice(0, line.indexOf(':')).toLowerCase(),
    line.slice(line.indexOf(':') + 2),
  ]);
  return {
    status: Number(first.split(' ')[1] ?? 0),
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: rest.join('\r\n\r\n'),
    text,
  };
}
