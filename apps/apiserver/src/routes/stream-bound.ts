import { ApiError } from "../api-error.ts";

const MAX_STREAMS = 8;

/** How many logs are read at a time, whatever they are of: each costs a process or open files. */
export class StreamBound {
  #open = 0;

  /** Takes a place, or refuses; the function that is answered gives it back, once. */
  take(): () => void {
    if (this.#open >= MAX_STREAMS)
      throw new ApiError("apiserver.too-many-streams", `At most ${MAX_STREAMS} logs at a time`);
    this.#open += 1;
    let isHeld = true;
    return () => {
      if (isHeld) this.#open -= 1;
      isHeld = false;
    };
  }
}
