import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

const LOOKS_EVERY_MS = 100;
const PROBE_MS = 1_000;

interface Backend {
  readonly url: string;
  ready: boolean;
}

/** A load balancer that knows nothing of what it carries: connections go in turn to the backends that say they are ready. */
export class TcpBalancer {
  private readonly backends: Backend[] = [];
  private readonly carried = new Set<Socket>();
  private readonly looking: NodeJS.Timeout;
  private turn = 0;

  private constructor(private readonly server: Server) {
    server.on('connection', (client: Socket) => void this.carry(client));
    this.looking = setInterval(() => void this.look(), LOOKS_EVERY_MS);
  }

  static async start(): Promise<TcpBalancer> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpBalancer(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get ready(): readonly string[] {
    return this.backends.filter(({ ready }) => ready).map(({ url }) => url);
  }

  /** It gets connections once it says that it is ready. */
  add(url: string): void {
    this.backends.push({ url, ready: false });
  }

  remove(url: string): void {
    const at = this.backends.findIndex((backend) => backend.url === url);
    if (at >= 0) this.backends.splice(at, 1);
  }

  stop(): void {
    clearInterval(this.looking);
    this.server.close();
    for (const socket of this.carried) socket.destroy();
  }

  private async look(): Promise<void> {
    await Promise.all(
      this.backends.map(async (backend) => {
        const answer = fetch(`${backend.url}/readyz`, { signal: AbortSignal.timeout(PROBE_MS) });
        // One that is slow to answer is not away: a connection that is refused would say so.
        await answer.then(({ ok }) => (backend.ready = ok)).catch(() => undefined);
      }),
    );
  }

  private async carry(client: Socket): Promise<void> {
    this.carried.add(client);
    client.once('close', () => this.carried.delete(client)).on('error', () => undefined);
    for (const backend of this.inTurn()) {
      const { hostname, port } = new URL(backend.url);
      const server = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
      try {
        await once(server, 'connect');
      } catch {
        backend.ready = false;
        continue;
      }
      join(client, server);
      return;
    }
    client.resetAndDestroy();
  }

  private inTurn(): Backend[] {
    const first = this.turn++ % Math.max(1, this.backends.length);
    const turned = [...this.backends.slice(first), ...this.backends.slice(0, first)];
    return [...turned.filter(({ ready }) => ready), ...turned.filter(({ ready }) => !ready)];
  }
}

/** What happens to one side happens to the other. */
function join(client: Socket, server: Socket): void {
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const) {
    one.on('error', () => other.resetAndDestroy());
    one.once('close', () => other.destroySoon());
    one.pipe(other);
  }
}
