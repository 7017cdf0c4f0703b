import type { Socket } from 'node:net';

/** Where a request comes from: the other end of its connection. `undefined` when that is gone. */
export const clientAddressOf = ({ socket }: { readonly socket: Pick<Socket, 'remoteAddress'> }): string | undefined =>
  socket.remoteAddress;
