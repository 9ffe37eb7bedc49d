/**
 * An HTTP server that numbers its requests: the number is in the answer, and in a line on standard output.
 *
 * @module
 */

const port = Number(Deno.env.get("PORT"));
let count = 0;

Deno.serve(
  { hostname: "127.0.0.1", port, onListen: () => console.log(`process ${Deno.pid} listens`) },
  (request) => {
    count += 1;
    const { pathname } = new URL(request.url);
    console.log(`process ${Deno.pid}, request ${count}: ${request.method} ${pathname}`);
    return new Response(`process ${Deno.pid}, request ${count}\n`);
  },
);
