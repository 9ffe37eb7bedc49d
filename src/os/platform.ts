/**
 * Where Linux and macOS differ: one table of constants for each, from the systems' headers.
 *
 * @module
 */

/** The numbers that a C header would give. */
export interface Platform {
  /** The C library, as dlopen(3) finds it. */
  readonly library: string;
  /** The function that returns the address of `errno`. */
  readonly errnoLocation: string;
  /** Open flags, `open(2)`. */
  readonly open: {
    readonly RDONLY: number;
    readonly WRONLY: number;
    readonly RDWR: number;
    readonly APPEND: number;
    readonly CREAT: number;
    readonly TRUNC: number;
    readonly EXCL: number;
    readonly NONBLOCK: number;
    readonly CLOEXEC: number;
    readonly DIRECTORY: number;
    readonly NOFOLLOW: number;
    /** A directory for nothing but to start paths from: O_PATH, O_SEARCH. */
    readonly SEARCH: number;
  };
  /** The directory argument of the `*at` calls that stands for the current directory. */
  readonly AT_FDCWD: number;
  /** `fcntl(2)` commands. */
  readonly fcntl: {
    readonly DUPFD_CLOEXEC: number;
    readonly GETFD: number;
    readonly SETFD: number;
    readonly GETFL: number;
    readonly SETFL: number;
    readonly SETPIPE_SZ: number | undefined;
  };
  /** Signal numbers, `signal(7)`. */
  readonly signals: Readonly<Record<SignalName, number>>;
  /** Size of `sigset_t` in bytes. */
  readonly sigsetSize: number;
  /** `sigprocmask(2)`: replace the mask. */
  readonly SIG_SETMASK: number;
  /** The size of `struct sigaction`, and where its flags lie. */
  readonly sigactionSize: number;
  /** `posix_spawn(3)`: sizes in bytes of its opaque types, and attribute flags. */
  readonly spawn: {
    readonly attributesSize: number;
    readonly actionsSize: number;
    readonly SETPGROUP: number;
    readonly SETSIGDEF: number;
    readonly SETSIGMASK: number;
    readonly SETSID: number;
    /** macOS: every descriptor that no file action names is closed. */
    readonly CLOEXEC_DEFAULT: number | undefined;
  };
  /** Resources of `setrlimit(2)`, and the value that stands for no limit. */
  readonly resources: Readonly<Record<Resource, number>>;
  readonly RLIM_INFINITY: bigint;
  /** `readdir(3)`: where the name lies in a `struct dirent`. */
  readonly direntName: number;
  /** Clocks of `clock_gettime(2)`. */
  readonly clock: { readonly REALTIME: number; readonly MONOTONIC: number };
}

/** The signals that a supervisor deals in, without their `SIG`. */
export type SignalName =
  | "HUP"
  | "INT"
  | "QUIT"
  | "KILL"
  | "USR1"
  | "USR2"
  | "PIPE"
  | "ALRM"
  | "TERM"
  | "CHLD"
  | "CONT"
  | "STOP";

/** What a process may be limited in, without its `RLIMIT_`. */
export type Resource =
  | "AS"
  | "CORE"
  | "CPU"
  | "DATA"
  | "FSIZE"
  | "MEMLOCK"
  | "NOFILE"
  | "NPROC"
  | "RSS"
  | "STACK";

const linux: Platform = {
  library: "libc.so.6",
  errnoLocation: "__errno_location",
  open: {
    RDONLY: 0,
    WRONLY: 1,
    RDWR: 2,
    APPEND: 0o2000,
    CREAT: 0o100,
    TRUNC: 0o1000,
    EXCL: 0o200,
    NONBLOCK: 0o4000,
    CLOEXEC: 0o2000000,
    // The two that the kernel gives other values on ARM.
    DIRECTORY: Deno.build.arch === "aarch64" ? 0o40000 : 0o200000,
    NOFOLLOW: Deno.build.arch === "aarch64" ? 0o100000 : 0o400000,
    SEARCH: 0o10000000,
  },
  AT_FDCWD: -100,
  fcntl: { DUPFD_CLOEXEC: 1030, GETFD: 1, SETFD: 2, GETFL: 3, SETFL: 4, SETPIPE_SZ: 1031 },
  signals: {
    HUP: 1,
    INT: 2,
    QUIT: 3,
    KILL: 9,
    USR1: 10,
    USR2: 12,
    PIPE: 13,
    ALRM: 14,
    TERM: 15,
    CHLD: 17,
    CONT: 18,
    STOP: 19,
  },
  sigsetSize: 128,
  SIG_SETMASK: 2,
  sigactionSize: 152,
  spawn: {
    attributesSize: 336,
    actionsSize: 80,
    SETPGROUP: 0x02,
    SETSIGDEF: 0x04,
    SETSIGMASK: 0x08,
    SETSID: 0x80,
    CLOEXEC_DEFAULT: undefined,
  },
  resources: {
    CPU: 0,
    FSIZE: 1,
    DATA: 2,
    STACK: 3,
    CORE: 4,
    RSS: 5,
    NPROC: 6,
    NOFILE: 7,
    MEMLOCK: 8,
    AS: 9,
  },
  RLIM_INFINITY: (1n << 64n) - 1n,
  direntName: 19,
  clock: { REALTIME: 0, MONOTONIC: 1 },
};

const darwin: Platform = {
  library: "libSystem.dylib",
  errnoLocation: "__error",
  open: {
    RDONLY: 0,
    WRONLY: 1,
    RDWR: 2,
    APPEND: 0x8,
    CREAT: 0x200,
    TRUNC: 0x400,
    EXCL: 0x800,
    NONBLOCK: 0x4,
    CLOEXEC: 0x1000000,
    DIRECTORY: 0x100000,
    NOFOLLOW: 0x100,
    SEARCH: 0x40000000,
  },
  AT_FDCWD: -2,
  fcntl: { DUPFD_CLOEXEC: 67, GETFD: 1, SETFD: 2, GETFL: 3, SETFL: 4, SETPIPE_SZ: undefined },
  signals: {
    HUP: 1,
    INT: 2,
    QUIT: 3,
    KILL: 9,
    USR1: 30,
    USR2: 31,
    PIPE: 13,
    ALRM: 14,
    TERM: 15,
    CHLD: 20,
    CONT: 19,
    STOP: 17,
  },
  sigsetSize: 4,
  SIG_SETMASK: 3,
  sigactionSize: 16,
  spawn: {
    // Opaque pointers there.
    attributesSize: 8,
    actionsSize: 8,
    SETPGROUP: 0x02,
    SETSIGDEF: 0x04,
    SETSIGMASK: 0x08,
    SETSID: 0x400,
    CLOEXEC_DEFAULT: 0x4000,
  },
  resources: {
    CPU: 0,
    FSIZE: 1,
    DATA: 2,
    STACK: 3,
    CORE: 4,
    // One and the same there.
    AS: 5,
    RSS: 5,
    MEMLOCK: 6,
    NPROC: 7,
    NOFILE: 8,
  },
  RLIM_INFINITY: (1n << 63n) - 1n,
  direntName: 21,
  clock: { REALTIME: 0, MONOTONIC: 6 },
};

/** The constants of the system that this runs on. */
export const platform: Platform = Deno.build.os === "darwin" ? darwin : linux;
