/** How an HTTP server on this machine has answered. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/**
 * Asks an HTTP server on this machine for `/`. By itself, since `fetch` would keep connections, and heed proxies.
 *
 * @throws {Deno.errors.ConnectionRefused} If nobody listens there.
 * @throws {Error} If what comes is no answer.
 */
export async function get(port: number): Promise<Answer> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const request = `GET / HTTP/1.0\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
  await connection.write(new TextEncoder().encode(request));
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(4096);
  let text = "";
  for (;;) {
    const count = await connection.read(buffer);
    if (count === null) break;
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
  const status = text.match(/^HTTP\/1\.[01] (\d{3}) /)?.[1];
  const bodyAt = text.indexOf("\r\n\r\n");
  if (status === undefined || bodyAt < 0) throw new Error(`no answer from port ${port}`);
  return { status: Number(status), body: text.slice(bodyAt + 4) };
}

/** A port of the loopback interface that nobody listens on. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
