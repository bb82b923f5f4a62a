// Counts the requests under way, so that a stop can wait for the last of them.

/** How many requests have begun and not ended. */
export class RequestsUnderWay {
  #count = 0;
  #onIdle: (() => void) | undefined;
  #idle: Promise<void> | undefined;

  begin(): void {
    this.#count++;
  }

  end(): void {
    this.#count--;
    if (this.#count === 0) this.#onIdle?.();
  }

  /** Resolves when none is under way. To be asked only once no more can begin. */
  idle(): Promise<void> {
    this.#idle ??= new Promise((resolve) => {
      if (this.#count === 0) resolve();
      else this.#onIdle = resolve;
    });
    return this.#idle;
  }
}
