/** What a session needs of a socket; a test passes an array and a list. `send` resolves once the frame is written. */
export interface SessionSocket {
  readonly frames: AsyncIterable<Buffer>;
  send(frame: string): Promise<void>;
}

/**
 * One client websocket: frames in, the frames of their answers out, one turn at a time and in order. A failed turn has
 * one last frame and the session goes on; only the socket's own end ends it.
 *
 * @param turn      what a frame is answered with; it throws at most once, and not after its terminal event
 * @param lastFrame what a failed turn ends with
 * @throws what `send` throws: nobody is left to serve
 */
export async function serveSession(
  socket: SessionSocket,
  turn: (frame: Buffer) => AsyncIterable<string>,
  lastFrame: (thrown: unknown) => string,
): Promise<void> {
  for await (const frame of socket.frames) {
    try {
      for await (const text of turn(frame)) await socket.send(text);
    } catch (thrown) {
      await socket.send(lastFrame(thrown));
    }
  }
}
