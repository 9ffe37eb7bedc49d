/**
 * Datagrams over IPv4: socket(2), sendto(2).
 *
 * @module
 */

import { bind, check, retry } from "./_libc.ts";
import { setCloseOnExec } from "./descriptor.ts";

const libc = {
  socket: bind("socket", ["i32", "i32", "i32"], "i32"),
  sendto: bind("sendto", ["i32", "buffer", "usize", "i32", "buffer", "u32"], "i32"),
};

const AF_INET = 2;
const SOCK_DGRAM = 2;
const DONTWAIT = Deno.build.os === "darwin" ? 0x80 : 0x40;

/** An IPv4 address with a port, as `struct sockaddr_in`. */
export type SocketAddress = Uint8Array<ArrayBuffer>;

/**
 * Makes a `struct sockaddr_in`.
 *
 * @param address The four bytes of the address.
 * @param port 0 to 65535.
 */
export function socketAddress(address: readonly number[], port: number): SocketAddress {
  const result = new Uint8Array(16);
  const view = new DataView(result.buffer);
  if (Deno.build.os === "darwin") {
    view.setUint8(0, result.length);
    view.setUint8(1, AF_INET);
  } else {
    view.setUint16(0, AF_INET, true);
  }
  view.setUint16(2, port);
  result.set(address.slice(0, 4), 4);
  return result;
}

/** A UDP socket, closed on exec. */
export function datagramSocket(): number {
  const fd = check(libc.socket(AF_INET, SOCK_DGRAM, 0), "socket");
  setCloseOnExec(fd, true);
  return fd;
}

/**
 * Sends one datagram, without waiting for room.
 *
 * @returns The number of bytes that were sent.
 * @throws {OsError} As sendto(2) fails.
 */
export function sendDatagram(
  fd: number,
  bytes: Uint8Array<ArrayBuffer>,
  to: SocketAddress,
): number {
  return retry(
    "sendto",
    () => libc.sendto(fd, bytes, BigInt(bytes.length), DONTWAIT, to, to.length),
  );
}
