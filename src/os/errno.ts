/**
 * The error numbers of the system: their names, and the words that runit says them in.
 *
 * @module
 */

/** What a name stands for: its number on Linux (`x86_64` and `aarch64`), its number on macOS, runit's words. */
type Row = readonly [linux: number | undefined, darwin: number | undefined, words: string];

const UNKNOWN = "unknown error";

/**
 * The numbers are those of `errno(3)`. The words were read off the reference `runsv` 2.1.2, one number after
 * the other, by making its first chdir(2) fail: `strace -e inject=chdir:error=NAME runsv DIR`. Names that it
 * does not know are "unknown error" there, and are left out here.
 */
const ROWS: Readonly<Record<string, Row>> = {
  EPERM: [1, 1, "permission denied"],
  ENOENT: [2, 2, "file does not exist"],
  ESRCH: [3, 3, "no such process"],
  EINTR: [4, 4, "interrupted system call"],
  EIO: [5, 5, "input/output error"],
  ENXIO: [6, 6, "device not configured"],
  E2BIG: [7, 7, "argument list too long"],
  ENOEXEC: [8, 8, "exec format error"],
  EBADF: [9, 9, "file descriptor not open"],
  ECHILD: [10, 10, "no child processes"],
  EAGAIN: [11, 35, "temporary failure"],
  ENOMEM: [12, 12, "out of memory"],
  EACCES: [13, 13, "access denied"],
  EFAULT: [14, 14, "bad address"],
  ENOTBLK: [15, 15, "not a block device"],
  EBUSY: [16, 16, "device busy"],
  EEXIST: [17, 17, "file already exists"],
  EXDEV: [18, 18, "cross-device link"],
  ENODEV: [19, 19, "device does not support operation"],
  ENOTDIR: [20, 20, "not a directory"],
  EISDIR: [21, 21, "is a directory"],
  EINVAL: [22, 22, "invalid argument"],
  ENFILE: [23, 23, "system cannot open more files"],
  EMFILE: [24, 24, "process cannot open more files"],
  ENOTTY: [25, 25, "not a tty"],
  ETXTBSY: [26, 26, "text busy"],
  EFBIG: [27, 27, "file too big"],
  ENOSPC: [28, 28, "out of disk space"],
  ESPIPE: [29, 29, "unseekable descriptor"],
  EROFS: [30, 30, "read-only file system"],
  EMLINK: [31, 31, "too many links"],
  EPIPE: [32, 32, "broken pipe"],
  EDOM: [33, 33, "input out of range"],
  ERANGE: [34, 34, "output out of range"],
  EDEADLK: [35, 11, "operation would cause deadlock"],
  ENAMETOOLONG: [36, 63, "file name too long"],
  ENOLCK: [37, 77, "no locks available"],
  ENOSYS: [38, 78, "system call not available"],
  ENOTEMPTY: [39, 66, "directory not empty"],
  ELOOP: [40, 62, "symbolic link loop"],
  ENOMSG: [42, 91, "no message of desired type"],
  EIDRM: [43, 90, "identifier removed"],
  ENOSTR: [60, 99, "not a stream device"],
  ENODATA: [61, undefined, UNKNOWN],
  ETIME: [62, 101, "timer expired"],
  ENOSR: [63, 98, "out of stream resources"],
  ENONET: [64, undefined, "machine not on network"],
  EREMOTE: [66, 71, "too many levels of remote in path"],
  ENOLINK: [67, 97, "link severed"],
  EADV: [68, undefined, "advertise error"],
  ESRMNT: [69, undefined, "srmount error"],
  ECOMM: [70, undefined, "communication error"],
  EPROTO: [71, 100, "protocol error"],
  EMULTIHOP: [72, 95, "multihop attempted"],
  EBADMSG: [74, 94, "bad message type"],
  EOVERFLOW: [75, 84, UNKNOWN],
  EREMCHG: [78, undefined, "remote address changed"],
  EILSEQ: [84, 92, UNKNOWN],
  EUSERS: [87, 68, "too many users"],
  ENOTSOCK: [88, 38, "not a socket"],
  EDESTADDRREQ: [89, 39, "destination address required"],
  EMSGSIZE: [90, 40, "message too long"],
  EPROTOTYPE: [91, 41, "incorrect protocol type"],
  ENOPROTOOPT: [92, 42, "protocol not available"],
  EPROTONOSUPPORT: [93, 43, "protocol not supported"],
  ESOCKTNOSUPPORT: [94, 44, "socket type not supported"],
  EOPNOTSUPP: [95, 102, "operation not supported"],
  EPFNOSUPPORT: [96, 46, "protocol family not supported"],
  EAFNOSUPPORT: [97, 47, "address family not supported"],
  EADDRINUSE: [98, 48, "address already used"],
  EADDRNOTAVAIL: [99, 49, "address not available"],
  ENETDOWN: [100, 50, "network down"],
  ENETUNREACH: [101, 51, "network unreachable"],
  ENETRESET: [102, 52, "network reset"],
  ECONNABORTED: [103, 53, "connection aborted"],
  ECONNRESET: [104, 54, "connection reset"],
  ENOBUFS: [105, 55, "out of buffer space"],
  EISCONN: [106, 56, "already connected"],
  ENOTCONN: [107, 57, "not connected"],
  ESHUTDOWN: [108, 58, "socket shut down"],
  ETOOMANYREFS: [109, 59, "too many references"],
  ETIMEDOUT: [110, 60, "timed out"],
  ECONNREFUSED: [111, 61, "connection refused"],
  EHOSTDOWN: [112, 64, "host down"],
  EHOSTUNREACH: [113, 65, "host unreachable"],
  EALREADY: [114, 37, "operation already in progress"],
  EINPROGRESS: [115, 36, "operation in progress"],
  ESTALE: [116, 70, "stale NFS file handle"],
  EDQUOT: [122, 69, "disk quota exceeded"],
  ECANCELED: [125, 89, UNKNOWN],
};

const LINUX = Deno.build.os !== "darwin";

let names: Map<number, string> | undefined;

/**
 * The name of an error number on this system, such as `"ENOENT"` for 2.
 *
 * @param errno The number, positive, as in `errno(3)`.
 * @returns The name, or `"E"` and the number for one that is not known.
 */
export function errnoName(errno: number): string {
  if (names === undefined) {
    names = new Map();
    for (const [name, [linux, darwin]] of Object.entries(ROWS)) {
      const number = LINUX ? linux : darwin;
      if (number !== undefined) names.set(number, name);
    }
  }
  return names.get(errno) ?? `E${errno}`;
}

/**
 * The number of an error name on this system.
 *
 * @param name Such as `"ENOENT"`.
 * @returns The number, or 0 for a name that this system does not have.
 */
export function errnoNumber(name: string): number {
  const row = ROWS[name];
  return (LINUX ? row?.[0] : row?.[1]) ?? 0;
}

/**
 * What runit's diagnostics say for an error.
 *
 * @param name The error's name, such as `"ENOENT"`.
 * @returns Such as `"file does not exist"`; `"unknown error"` for what runit has no words for.
 */
export function errnoWords(name: string): string {
  return ROWS[name]?.[2] ?? UNKNOWN;
}
