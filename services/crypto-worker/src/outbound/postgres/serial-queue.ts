/** One task after the other, in the order in which they came. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();

  run<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(task);
    // The caller has the failure; the queue goes on.
    this.#last = result.catch(() => undefined);
    return result;
  }
}
