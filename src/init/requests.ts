/**
 * What the files of runit(8) ask pid 1 for.
 *
 * @module
 */

import { errorCode } from "../os/error.ts";
import type { InitOs } from "./os.ts";
import { ARMED, CTRLALTDEL, NOSYNC, type Place, PLACES } from "./paths.ts";
import type { Files } from "./state.ts";

/** Looks at the files whenever it is asked. What cannot be looked at is taken for absent. */
export class RequestFiles implements Files {
  readonly #os: InitOs;
  /** Where the shutdown under way was asked for; all places, if that was by other means. */
  #asked: readonly Place[] = PLACES;

  constructor(os: InitOs) {
    this.#os = os;
  }

  get stop(): boolean {
    return this.#armed().length > 0;
  }

  /** Looked for where the shutdown was asked for: elsewhere there may be what is left of an earlier one. */
  get reboot(): boolean {
    return this.#asked.some(({ reboot }) => this.#isArmed(reboot));
  }

  get ctrlaltdel(): boolean {
    return this.#isArmed(CTRLALTDEL);
  }

  /** Whether what is to be written to the disks is written at the end. */
  get sync(): boolean {
    return this.#mode(NOSYNC) === undefined;
  }

  /**
   * Takes back what asks for a shutdown, so that it holds once.
   *
   * @throws {OsError} If the mode of a file that is there cannot be changed.
   */
  takeBackStop(): void {
    const armed = this.#armed();
    if (armed.length > 0) this.#asked = armed;
    for (const { stopit } of PLACES) {
      try {
        this.#os.changeModeOf(stopit, 0);
      } catch (error) {
        if (errorCode(error) !== "ENOENT") throw error;
      }
    }
  }

  #armed(): Place[] {
    return PLACES.filter(({ stopit }) => this.#isArmed(stopit));
  }

  #isArmed(path: string): boolean {
    return ((this.#mode(path) ?? 0) & ARMED) !== 0;
  }

  #mode(path: string): number | undefined {
    try {
      return this.#os.modeOf(path);
    } catch {
      return undefined;
    }
  }
}
