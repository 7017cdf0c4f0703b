import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What came, as far as it came. */
export interface LightAnswer {
  /** 0: nothing came. */
  readonly status: number;
  readonly text: string;
  /** Whether it came to its end. */
  readonly whole: boolean;
}

/** A keep-alive connection for one request at a time that does no more than it must: the load is not about its client. */
export class LightConnection {
  private socket: Socket | undefined;
  private received = '';
  private wake: () => void = () => undefined;

  constructor(
    private readonly port: number,
    /** Told with whatever has come of an answer, at each piece. */
    private readonly seen: (text: string) => void = () => undefined,
  ) {}

  async send(request: string): Promise<LightAnswer> {
    const socket = await this.connected();
    this.received = '';
    socket.write(request, 'latin1');
    for (;;) {
      await new Promise<void>((resolve) => (this.wake = resolve));
      const whole = isWhole(this.received);
      if (!whole && !socket.destroyed) continue;
      if (/^HTTP[^]*?\r\nconnection: close\r\n/i.test(this.received)) this.drop();
      return { status: Number(this.received.slice(9, 12)), text: this.received, whole };
    }
  }

  drop(): void {
    this.socket?.destroy();
  }

  private async connected(): Promise<Socket> {
    if (this.socket && !this.socket.destroyed) return this.socket;
    const socket = connect(this.port, '127.0.0.1');
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('data', (text: string) => {
      this.received += text;
      this.seen(this.received);
      this.wake();
    });
    socket.on('end', () => socket.destroy());
    socket.on('close', () => this.wake());
    await once(socket, 'connect');
    return socket;
  }
}

/** By its length, or by its last chunk: nothing that is sent here looks like one. */
function isWhole(text: string): boolean {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, head))?.[1];
  return length === undefined ? text.endsWith('\r\n0\r\n\r\n') : text.length - head - 4 >= Number(length);
}
