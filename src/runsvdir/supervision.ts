/** What keeps services up once runsvdir has found them: a runsv process each, or something else with the same duties. */
export interface Supervision {
  /**
   * Starts to supervise the service in a directory. When that ends, whatever the reason, {@linkcode SupervisionEvents.ended}
   * is called.
   *
   * @param id A number for it.
   * @param name The name of the directory.
   * @param dir The services directory that it lies in, open; it may be closed after the call.
   * @throws {OsError} If it cannot be started now.
   */
  start(id: number, name: Uint8Array<ArrayBuffer>, dir: number): void;
  /** Tells one to take its service down, and then the logger, and to end. */
  stop(id: number): void;
  /** Kills all processes of services at once; what supervises them stays, and so do the loggers. */
  killServices(): void;
  /** Kills all that is left: services, loggers, what supervises them, and what got away from any of them. */
  killAll(): void;
}

/** What a {@linkcode Supervision} tells. */
export interface SupervisionEvents {
  /** One has ended. */
  ended(id: number): void;
}
