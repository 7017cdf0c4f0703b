/** One SSE frame of our own. A type that came from outside cannot break out of its line. */
export const sseFrame = (type: string, data: object): string =>
  `event: ${type.replace(/[\r\n]+/g, ' ')}\ndata: ${JSON.stringify(data)}\n\n`;
